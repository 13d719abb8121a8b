//! Ended and expired: on the very next request nothing signs any more, and the material is gone.

use std::time::Duration;

use super::{SESSIONS, client, kms, local, turnkey, wallet};
use crate::{
    table::sealed,
    world::{World, payment, refused, text},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_session_signs_no_more_from_the_very_next_request() {
    let world = World::start().await;
    let wallet = wallet(&world);
    let bodies = [
        local("session_keys"),
        kms(&world.system.demo().kms.signing_key_id),
        client(&wallet),
        turnkey("legacy", &wallet),
        local("legacy"),
    ];
    for body in bodies {
        let person = world.newcomer().await;
        let token = person.access_token.as_str();
        let session = world.session(token, &body).await;
        let xdr = payment(&text(&session, "stellar_public_key"));
        let (status, _, answer) = world.sign(token, &xdr).await;
        assert_eq!(status.as_u16(), 200, "{body}: {answer}");
        let (status, _, ended) = world.delete(&format!("{SESSIONS}/{}", session["id"]), Some(token)).await;
        assert_eq!((status.as_u16(), text(&ended, "status")), (200, "ended".into()), "{ended}");
        let answered = world.sign(token, &xdr).await;
        assert_eq!(refused(&answered, 401), "No active session");
        assert_eq!(answered.2["signing_method"], "unknown");
        assert_eq!(answered.2["requires_login"], true);
        let everything = world.items(person.telegram_id, "").await;
        assert_eq!(everything.iter().filter_map(sealed).count(), 0, "{body}: material is left");
        let (status, _, again) = world.delete(&format!("{SESSIONS}/{}", session["id"]), Some(token)).await;
        assert_eq!((status.as_u16(), &again), (200, &ended), "ending what has ended answers the same");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_ends_by_its_expiry_to_the_second() {
    let world = World::start().await;
    let person = world.newcomer().await;
    let mut body = local("session_keys");
    body["expires_in"] = 1.into();
    let session = world.session(&person.access_token, &body).await;
    let xdr = payment(&text(&session, "stellar_public_key"));
    let (status, _, answer) = world.sign(&person.access_token, &xdr).await;
    assert_eq!(status.as_u16(), 200, "{answer}");
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    let answered = world.sign(&person.access_token, &xdr).await;
    assert_eq!(refused(&answered, 401), "No active session");
    assert_eq!(answered.2["signing_method"], "session_expired");
    let path = format!("{SESSIONS}/{}", session["id"]);
    let (_, _, shown) = world.get(&path, Some(&person.access_token)).await;
    assert_eq!((text(&shown, "status"), shown.get("ended_at")), ("expired".into(), None));
    assert_eq!(world.signatures(person.telegram_id).await, 1);
    let newer = world.session(&person.access_token, &local("session_keys")).await;
    let (status, _, _) = world.sign(&person.access_token, &payment(&text(&newer, "stellar_public_key"))).await;
    assert_eq!(status.as_u16(), 200, "a newer one signs again");
    world.stop().await;
}

/// A signature that is under way while its session is ended either was committed before or is refused: never later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_signature_is_recorded_after_the_end() {
    let world = World::start().await;
    let person = world.signer(None).await;
    let token = person.access_token.as_str();
    let source = person.stellar_public_key.clone().unwrap();
    let (_, _, page) = world.get(SESSIONS, Some(token)).await;
    let path = format!("{SESSIONS}/{}", page["sessions"][0]["id"]);
    let xdrs: Vec<String> = (0..12).map(|_| payment(&source)).collect();
    let signing = async {
        let mut signed = 0;
        for xdr in &xdrs {
            let answered = world.sign(token, xdr).await;
            match answered.0.as_u16() {
                200 => signed += 1,
                _ => assert_eq!(refused(&answered, 401), "No active session"),
            }
        }
        signed
    };
    let ending = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(world.delete(&path, Some(token)).await.0.as_u16(), 200);
        world.signatures(person.telegram_id).await
    };
    let (signed, at_the_end) = tokio::join!(signing, ending);
    assert_eq!(world.signatures(person.telegram_id).await, signed);
    assert!(at_the_end >= signed, "{} were recorded after the end", signed - at_the_end);
    world.stop().await;
}
