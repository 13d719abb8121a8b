//! Signatures beside each other: appended, never replacing, never doubled, twenty at most.

use crate::{
    world::{Payment, TESTNET, World, fresh_account, payment, refused, signed_by, text},
    xdr,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_signatures_are_the_most() {
    let world = World::start().await;
    let person = world.signer(None).await;
    let account = person.stellar_public_key.as_deref().unwrap();
    let made = Payment::from(account);
    for bare in [made.v1(), made.v0(), made.fee_bump(account)] {
        let full = xdr::with_strangers(&bare, 20);
        assert_eq!(refused(&world.sign(&person.access_token, &full).await, 400), "Invalid XDR: too many signatures");
        let room = xdr::with_strangers(&bare, 19);
        let (status, _, answer) = world.sign(&person.access_token, &room).await;
        assert_eq!(status.as_u16(), 200, "{answer}");
        let signed = text(&answer, "signed_xdr");
        assert_eq!(
            (xdr::signatures(&signed).len(), &xdr::signatures(&signed)[..19]),
            (20, &xdr::signatures(&room)[..])
        );
        signed_by(&signed, &bare, TESTNET, account).unwrap();
        let (status, _, again) = world.sign(&person.access_token, &signed).await;
        assert_eq!((status.as_u16(), text(&again, "signed_xdr")), (200, signed), "its own is among the twenty already");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_that_is_there_is_not_doubled_and_others_stay_in_their_order() {
    let world = World::start().await;
    let (first, second) = (world.signer(None).await, world.signer(None).await);
    let bare = payment(first.stellar_public_key.as_deref().unwrap());
    let mut signed = bare.clone();
    for (person, count) in [(&first, 1), (&second, 2), (&first, 2), (&second, 2)] {
        let (_, _, answer) = world.sign(&person.access_token, &signed).await;
        let before = xdr::signatures(&signed);
        signed = text(&answer, "signed_xdr");
        assert_eq!(xdr::signatures(&signed).len(), count);
        assert_eq!(&xdr::signatures(&signed)[..before.len()], &before[..]);
        signed_by(&signed, &bare, TESTNET, person.stellar_public_key.as_deref().unwrap()).unwrap();
    }
    world.stop().await;
}

/// A hint alone is no signature: who carries our hint with other bytes gets a real one beside it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_signature_with_our_hint_does_not_pass_for_ours() {
    let world = World::start().await;
    let person = world.signer(None).await;
    let account = person.stellar_public_key.as_deref().unwrap();
    let bare = payment(account);
    let key = stellar_strkey::ed25519::PublicKey::from_string(account).unwrap().0;
    let forged = xdr::with_forged(&bare, [key[28], key[29], key[30], key[31]]);
    let (status, _, answer) = world.sign(&person.access_token, &forged).await;
    assert_eq!(status.as_u16(), 200, "{answer}");
    let all = xdr::signatures(&text(&answer, "signed_xdr"));
    assert_eq!((all.len(), &all[0]), (2, &xdr::signatures(&forged)[0]));
    let (_, _, honest) = world.sign(&person.access_token, &bare).await;
    assert_eq!(all[1], xdr::signatures(&text(&honest, "signed_xdr"))[0]);
    world.stop().await;
}

/// A fee bump is signed on its outside; the signatures inside are part of what is signed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fee_bump_keeps_its_inner_signatures() {
    let world = World::start().await;
    let (inner, outer) = (world.signer(None).await, world.signer(None).await);
    let made = Payment::from(inner.stellar_public_key.as_deref().unwrap());
    let (_, _, answer) = world.sign(&inner.access_token, &made.v1()).await;
    let payer = outer.stellar_public_key.as_deref().unwrap();
    let bump = xdr::bumped(&text(&answer, "signed_xdr"), payer);
    let (status, _, answer) = world.sign(&outer.access_token, &bump).await;
    assert_eq!(status.as_u16(), 200, "{answer}");
    let signed = text(&answer, "signed_xdr");
    assert_eq!(xdr::unsigned(&signed), bump, "nothing but the outer signature was added");
    signed_by(&signed, &bump, TESTNET, payer).unwrap();
    world.stop().await;
}

/// One transaction has several base64 spellings; one of them is taken.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_spellings_of_an_envelope_are_refused() {
    let world = World::start().await;
    let person = world.signer(None).await;
    let good = payment(&fresh_account());
    let (middle, end) = (good.len() / 2, good.trim_end_matches('=').len());
    let spelt = [
        format!(" {good}"),
        format!("{good}\n"),
        format!("{}\r\n{}", &good[..middle], &good[middle..]),
        format!("{good}===="),
        good[..end].to_owned() + &"=".repeat(3 - (good.len() - end)),
        good.replace('+', "-").replace('/', "_") + "-",
        format!("{good}AAAA"),
        format!("data:,{good}"),
    ];
    for other in spelt {
        let detail = refused(&world.sign(&person.access_token, &other).await, 400);
        assert!(detail.starts_with("Invalid XDR: "), "{detail}");
    }
    assert_eq!(world.sign(&person.access_token, &good).await.0.as_u16(), 200);
    world.stop().await;
}
