//! Attacks access tokens: whatever is not exactly a token of ours or of a trusted issuer verifies nobody.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod gate_kit;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::gate::{AccessTokens, NewToken, TokenBearer, TokenOrigin, TokenRefusal};
use countersign_core::{Moment, TelegramId, UserId, limits};
use gate_kit::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn tokens() -> AccessTokens {
    AccessTokens::new(&token_settings(vec![named("k1", OWN)])).unwrap()
}

fn verify(token: &str) -> Result<TokenBearer, TokenRefusal> {
    tokens().verify(token, now())
}

fn own(claim: &str, value: Value) -> Result<TokenBearer, TokenRefusal> {
    verify(&token(&own_header(), &with(own_claims(), claim, value), OWN))
}

fn headed(member: &str, value: Value) -> Result<TokenBearer, TokenRefusal> {
    verify(&token(&with(own_header(), member, value), &own_claims(), OWN))
}

#[test]
fn a_good_token_names_its_bearer() {
    let bearer = verify(&own_token()).unwrap();
    assert_eq!(
        bearer,
        TokenBearer {
            origin: TokenOrigin::Own,
            user_id: UserId::new(77),
            telegram_id: TelegramId::new(4242),
            session: Some("session-1".to_owned()),
            token_id: Some("token-1".to_owned()),
            expires_at: Moment::from_seconds(NOW + 900),
        }
    );
}

#[test]
fn only_hs256_is_an_algorithm() {
    for alg in ["HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA"] {
        assert_eq!(headed("alg", json!(alg)), Err(TokenRefusal::Algorithm), "{alg}");
    }
    for alg in [json!("none"), json!("None"), json!("hs256"), json!(""), json!(null), json!(["HS256"]), json!(0)] {
        assert_eq!(headed("alg", alg.clone()), Err(TokenRefusal::Malformed), "{alg}");
    }
    let unsigned = token(&json!({"alg": "none", "kid": "k1"}), &own_claims(), OWN);
    let stem = unsigned.rsplit_once('.').unwrap().0;
    assert_eq!(verify(&format!("{stem}.")), Err(TokenRefusal::Malformed));
    let good = own_token();
    assert_eq!(verify(&format!("{}.", good.rsplit_once('.').unwrap().0)), Err(TokenRefusal::Signature));
}

#[test]
fn hs512_with_the_right_key_is_refused_before_anything_else() {
    use aws_lc_rs::hmac;
    let stem = token(&json!({"alg": "HS512", "kid": "nobody"}), &own_claims(), OWN);
    let message = stem.rsplit_once('.').unwrap().0;
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA512, OWN), message.as_bytes());
    let forged = format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag));
    assert_eq!(verify(&forged), Err(TokenRefusal::Algorithm), "not UnknownKey");
    assert!(!tokens().names_unknown_key(&forged));
}

#[test]
fn the_kid_names_the_secret() {
    assert_eq!(headed("kid", json!("k2")), Err(TokenRefusal::UnknownKey));
    assert!(tokens().names_unknown_key(&token(&with(own_header(), "kid", json!("k2")), &own_claims(), OWN)));
    assert!(!tokens().names_unknown_key(&own_token()));
    assert_eq!(headed("kid", json!(null)), Err(TokenRefusal::NoKey));
    assert_eq!(headed("kid", json!("")), Err(TokenRefusal::UnknownKey));
    assert_eq!(headed("kid", json!(1)), Err(TokenRefusal::Malformed));
    assert_eq!(verify(&token(&own_header(), &own_claims(), NEXT)), Err(TokenRefusal::Signature));
}

#[test]
fn two_secrets_live_while_one_is_rotated() {
    let both = AccessTokens::new(&token_settings(vec![named("k2", NEXT), named("k1", OWN)])).unwrap();
    let new_header = with(own_header(), "kid", json!("k2"));
    assert!(both.verify(&own_token(), now()).is_ok());
    assert!(both.verify(&token(&new_header, &own_claims(), NEXT), now()).is_ok());
    assert_eq!(both.verify(&token(&new_header, &own_claims(), OWN), now()), Err(TokenRefusal::Signature), "kid swap");
    assert_eq!(both.verify(&token(&own_header(), &own_claims(), NEXT), now()), Err(TokenRefusal::Signature));
    let after = AccessTokens::new(&token_settings(vec![named("k2", NEXT)])).unwrap();
    assert_eq!(after.verify(&own_token(), now()), Err(TokenRefusal::UnknownKey));
}

#[test]
fn times_have_no_leeway() {
    assert!(own("exp", json!(NOW + 1)).is_ok());
    for exp in [NOW, NOW - 1, 0] {
        assert_eq!(own("exp", json!(exp)), Err(TokenRefusal::Expired), "{exp}");
    }
    let last_milli = Moment::from_millis((NOW + 900) * 1000 - 1);
    assert!(tokens().verify(&own_token(), last_milli).is_ok());
    assert_eq!(tokens().verify(&own_token(), Moment::from_seconds(NOW + 900)), Err(TokenRefusal::Expired));
    for exp in [json!(null), json!("1800000900"), json!(-1), json!([NOW + 900]), json!(true)] {
        assert_eq!(own("exp", exp.clone()), Err(TokenRefusal::Claims), "{exp}");
    }
    assert!(own("nbf", json!(NOW)).is_ok());
    assert_eq!(own("nbf", json!(NOW + 1)), Err(TokenRefusal::NotYet));
    assert!(own("iat", json!(NOW + 5)).is_ok());
    assert_eq!(own("iat", json!(NOW + 6)), Err(TokenRefusal::NotYet));
    assert_eq!(own("nbf", json!("soon")), Err(TokenRefusal::Claims));
}

#[test]
fn issuer_and_audience_are_ours() {
    for iss in [json!("legacy.example"), json!("both.example"), json!("Countersign"), json!("")] {
        assert_eq!(own("iss", iss.clone()), Err(TokenRefusal::Issuer), "{iss}");
    }
    for iss in [json!(null), json!(["countersign"]), json!(1)] {
        assert_eq!(own("iss", iss.clone()), Err(TokenRefusal::Claims), "{iss}");
    }
    assert!(own("aud", json!(["other", "countersign-api"])).is_ok());
    for aud in [json!("other"), json!([]), json!(["other"]), json!("countersign-api2")] {
        assert_eq!(own("aud", aud.clone()), Err(TokenRefusal::Audience), "{aud}");
    }
    for aud in [json!(null), json!(1), json!({"countersign-api": 1}), json!([["countersign-api"]])] {
        assert_eq!(own("aud", aud.clone()), Err(TokenRefusal::Claims), "{aud}");
    }
}

#[test]
fn ids_are_numbers_or_their_digits() {
    assert_eq!(own("sub", json!(77)).unwrap().user_id, UserId::new(77));
    assert_eq!(own("telegram_id", json!("4242")).unwrap().telegram_id, TelegramId::new(4242));
    assert_eq!(own("telegram_id", json!(null)).unwrap().telegram_id, None);
    for sub in [json!(null), json!(""), json!("u:77"), json!("077"), json!(0), json!(-77), json!(7.7), json!({})] {
        assert_eq!(own("sub", sub.clone()), Err(TokenRefusal::Claims), "{sub}");
    }
    for id in [json!("x"), json!(-1), json!(0), json!([1])] {
        assert_eq!(own("telegram_id", id.clone()), Err(TokenRefusal::Claims), "{id}");
    }
    for (claim, value) in
        [("sid", json!("a#b")), ("jti", json!("")), ("sid", json!("x".repeat(129))), ("jti", json!(1))]
    {
        assert_eq!(own(claim, value.clone()), Err(TokenRefusal::Claims), "{claim} {value}");
    }
    assert!(own("role", json!("admin")).is_ok(), "a role is not read");
}

#[test]
fn nothing_is_said_twice() {
    let claims = own_claims().to_string();
    for member in ["\"sub\":\"1\"", "\"telegram_id\":1", "\"exp\":9999999999", "\"aud\":\"x\"", "\"\\u0073ub\":\"1\""] {
        let doubled = format!("{{{member},{}", &claims[1..]);
        assert_eq!(verify(&raw_token(&own_header().to_string(), &doubled, OWN)), Err(TokenRefusal::Claims), "{member}");
    }
    for header in [
        r#"{"alg":"HS256","alg":"none","kid":"k1"}"#,
        r#"{"alg":"none","alg":"HS256","kid":"k1"}"#,
        r#"{"alg":"HS256","kid":"nobody","kid":"k1"}"#,
    ] {
        assert_eq!(verify(&raw_token(header, &claims, OWN)), Err(TokenRefusal::Malformed), "{header}");
    }
}

#[test]
fn critical_headers_are_refused() {
    assert_eq!(headed("crit", json!(["b64"])), Err(TokenRefusal::Critical));
    assert_eq!(headed("crit", json!([])), Err(TokenRefusal::Critical));
}

#[test]
fn keys_in_headers_are_not_used() {
    let jwk = json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode(NEXT)});
    let header = with(with(own_header(), "jwk", jwk), "jku", json!("https://example.com/keys"));
    assert_eq!(verify(&token(&header, &own_claims(), NEXT)), Err(TokenRefusal::Signature));
}

#[test]
fn the_form_is_three_parts_of_base64url() {
    let good = own_token();
    let parts: Vec<_> = good.split('.').collect();
    let standard = good.replace('-', "+").replace('_', "/");
    let mut bad = vec![
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        "abc".to_owned(),
        format!("{good}="),
        format!("{good}.{}", parts[2]),
        format!("{good} "),
        format!(" {good}"),
        format!("{good}\n"),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}=.{}", parts[0], parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], &parts[2][..42]),
        raw_token("[]", &own_claims().to_string(), OWN),
        raw_token("{}", &own_claims().to_string(), OWN),
        raw_token(&own_header().to_string(), "", OWN),
        raw_token(&own_header().to_string(), "[]", OWN),
        raw_token(&own_header().to_string(), &format!("{}x", own_claims()), OWN),
        raw_token(&own_header().to_string(), &"[".repeat(3000), OWN),
    ];
    if standard != good {
        bad.push(standard);
    }
    for token in bad {
        assert!(verify(&token).is_err(), "{token}");
    }
}

#[test]
fn a_huge_token_is_not_looked_at() {
    let padding = "x".repeat(limits::CREDENTIAL_BYTES);
    assert_eq!(own("note", json!(padding)), Err(TokenRefusal::TooLong));
    assert_eq!(verify(&"a".repeat(10_000_000)), Err(TokenRefusal::TooLong));
}

fn outside(header: Value, claims: Value, key: &[u8]) -> Result<TokenBearer, TokenRefusal> {
    verify(&token(&header, &claims, key))
}

fn few_claims() -> Value {
    json!({"telegram_id": 99, "exp": NOW + 3600})
}

#[test]
fn outside_issuers_need_little() {
    let by_kid = outside(json!({"alg": "HS256", "kid": "mini"}), few_claims(), BY_KID).unwrap();
    assert_eq!((by_kid.origin, by_kid.user_id), (TokenOrigin::Outside, None));
    assert_eq!(by_kid.telegram_id, TelegramId::new(99));
    let foreign =
        json!({"telegram_id": "99", "exp": NOW + 3600, "sub": "their-7", "jti": 5, "sid": [], "iss": "x.example"});
    let theirs = outside(json!({"alg": "HS256", "kid": "mini"}), foreign, BY_KID).unwrap();
    assert_eq!((theirs.user_id, theirs.session, theirs.token_id), (None, None, None), "their names are not ours");
    let named = with(few_claims(), "iss", json!("legacy.example"));
    assert!(outside(json!({"alg": "HS256"}), named.clone(), BY_ISS).is_ok());
    let of_its_library = json!({"alg": "HS256", "kid": "1"});
    assert!(outside(of_its_library.clone(), named, BY_ISS).is_ok(), "a kid that names nobody's secret");
    let both = with(few_claims(), "iss", json!("both.example"));
    assert!(outside(json!({"alg": "HS256"}), both.clone(), BY_BOTH).is_ok());
    assert_eq!(
        outside(of_its_library, both.clone(), BY_BOTH),
        Err(TokenRefusal::UnknownKey),
        "it has a kid of its own"
    );
    assert!(outside(json!({"alg": "HS256", "kid": "both"}), both, BY_BOTH).is_ok());
    assert!(outside(json!({"alg": "HS256", "kid": "both"}), few_claims(), BY_BOTH).is_ok());
}

#[test]
fn outside_issuers_have_bounds() {
    let header = || json!({"alg": "HS256", "kid": "mini"});
    let say = |claim, value| outside(header(), with(few_claims(), claim, value), BY_KID);
    assert!(say("exp", json!(NOW + 86_400)).is_ok());
    assert_eq!(say("exp", json!(NOW + 86_401)), Err(TokenRefusal::TooFarAhead));
    assert_eq!(say("exp", json!(NOW)), Err(TokenRefusal::Expired));
    assert_eq!(say("exp", json!(null)), Err(TokenRefusal::Claims));
    assert_eq!(say("telegram_id", json!(null)), Err(TokenRefusal::Claims));
    assert_eq!(say("nbf", json!(NOW + 1)), Err(TokenRefusal::NotYet));
    assert_eq!(say("iat", json!(NOW + 6)), Err(TokenRefusal::NotYet));
    assert_eq!(say("aud", json!("their-app")), Err(TokenRefusal::Audience));
    assert!(say("aud", json!("countersign-api")).is_ok());
    let aud = with(few_claims(), "aud", json!("both-app"));
    assert!(outside(json!({"alg": "HS256", "kid": "both"}), aud, BY_BOTH).is_ok());
}

#[test]
fn a_key_and_its_issuer_belong_together() {
    let kid = |kid: &str| json!({"alg": "HS256", "kid": kid});
    for (header, iss, key, why) in [
        (kid("mini"), "countersign", BY_KID, TokenRefusal::Issuer),
        (kid("mini"), "legacy.example", BY_KID, TokenRefusal::Issuer),
        (kid("both"), "legacy.example", BY_BOTH, TokenRefusal::Issuer),
        (kid("both"), "countersign", BY_BOTH, TokenRefusal::Issuer),
        (kid("mini"), "x.example", OWN, TokenRefusal::Signature),
        (json!({"alg": "HS256"}), "legacy.example", OWN, TokenRefusal::Signature),
        (json!({"alg": "HS256"}), "legacy.example", BY_KID, TokenRefusal::Signature),
        (json!({"alg": "HS256"}), "countersign", OWN, TokenRefusal::NoKey),
        (json!({"alg": "HS256"}), "nobody.example", BY_ISS, TokenRefusal::NoKey),
    ] {
        let claims = with(own_claims(), "iss", json!(iss));
        assert_eq!(outside(header.clone(), claims, key), Err(why), "{header} {iss}");
    }
    for key in [BY_KID, BY_ISS, BY_BOTH] {
        assert_eq!(verify(&token(&own_header(), &own_claims(), key)), Err(TokenRefusal::Signature));
    }
}

#[test]
fn an_outside_secret_rotates_under_its_issuer() {
    let mut settings = token_settings(vec![named("k1", OWN)]);
    let next = json!({"iss": "legacy.example", "secret": std::str::from_utf8(NEXT).unwrap()});
    settings.trusted_issuers.push(serde_json::from_value(next).unwrap());
    let tokens = AccessTokens::new(&settings).unwrap();
    let claims = with(few_claims(), "iss", json!("legacy.example"));
    for key in [BY_ISS, NEXT] {
        assert!(tokens.verify(&token(&json!({"alg": "HS256"}), &claims, key), now()).is_ok());
    }
    assert!(tokens.verify(&token(&json!({"alg": "HS256"}), &claims, OWN), now()).is_err());
}

#[test]
fn issued_tokens_verify_and_carry_the_first_kid() {
    let tokens = AccessTokens::new(&token_settings(vec![named("k2", NEXT), named("k1", OWN)])).unwrap();
    let new = NewToken {
        user_id: UserId::new(5).unwrap(),
        telegram_id: None,
        session: "s-1",
        token_id: "t-1",
        expires_at: None,
    };
    let issued = tokens.issue(&new, now());
    let part = |index: usize| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(issued.split('.').nth(index).unwrap()).unwrap()).unwrap()
    };
    assert_eq!(part(0), json!({"typ": "JWT", "alg": "HS256", "kid": "k2"}));
    assert_eq!(
        part(1),
        json!({"iss": "countersign", "aud": "countersign-api", "sub": "5", "sid": "s-1", "jti": "t-1", "iat": NOW, "exp": NOW + 900})
    );
    let bearer = tokens.verify(&issued, now()).unwrap();
    assert_eq!((bearer.user_id, bearer.telegram_id), (UserId::new(5), None));
    let day = NewToken { expires_at: Some(now().plus_seconds(86_400)), telegram_id: TelegramId::new(6), ..new };
    let bearer = tokens.verify(&tokens.issue(&day, now()), now().plus_seconds(86_399)).unwrap();
    assert_eq!(bearer.telegram_id, TelegramId::new(6));
}

#[test]
fn settings_that_would_mix_issuers_are_refused() {
    let base = || token_settings(vec![named("k1", OWN)]);
    let trusted = |entry: Value| {
        let mut settings = base();
        settings.trusted_issuers.push(serde_json::from_value(entry).unwrap());
        AccessTokens::new(&settings).is_ok()
    };
    let fresh = "fresh-secret-fresh-secret-fresh-";
    assert!(trusted(json!({"kid": "new", "secret": fresh})));
    assert!(!trusted(json!({"secret": fresh})));
    assert!(!trusted(json!({"kid": "k1", "secret": fresh})), "our kid");
    assert!(!trusted(json!({"kid": "mini", "secret": fresh})), "another's kid");
    assert!(!trusted(json!({"iss": "countersign", "secret": fresh})), "our iss");
    assert!(!trusted(json!({"kid": "new", "secret": std::str::from_utf8(OWN).unwrap()})), "our secret");
    assert!(!trusted(json!({"kid": "new", "secret": &fresh[..31]})), "a short secret");
    assert!(AccessTokens::new(&token_settings(vec![])).is_err());
    assert!(AccessTokens::new(&token_settings(vec![named("k1", OWN), named("k1", NEXT)])).is_err());
    assert!(AccessTokens::new(&token_settings(vec![named("k 1", OWN)])).is_err());
}

#[test]
fn every_flipped_bit_of_a_token_is_noticed() {
    let (tokens, good) = (tokens(), own_token());
    for index in 0..good.len() {
        for bit in 0..8 {
            let mut bytes = good.clone().into_bytes();
            bytes[index] ^= 1 << bit;
            if let Ok(text) = String::from_utf8(bytes) {
                assert!(tokens.verify(&text, now()).is_err(), "bit {bit} of byte {index}");
            }
        }
    }
}

proptest! {
    #[test]
    fn no_text_is_a_token(text in "[A-Za-z0-9_.{}\" -]{0,200}") {
        prop_assert!(verify(&text).is_err());
    }

    #[test]
    fn no_other_secret_is_good(key in prop::collection::vec(any::<u8>(), 0..64)) {
        prop_assume!(key != OWN);
        prop_assert_eq!(verify(&token(&own_header(), &own_claims(), &key)), Err(TokenRefusal::Signature));
    }
}
