//! The account, the region and the resource names built from them.

/// The account that owns everything here.
pub const ACCOUNT: &str = "000000000000";
/// The region that everything here is in.
pub const REGION: &str = "us-east-1";

/// `arn:aws:{service}:{region}:{account}:{resource}`.
pub(crate) fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}

/// The resource part of an ARN of this service, or the part of it that is not ours.
///
/// # Errors
/// The foreign region, account or service, or the whole text where it is no ARN.
pub(crate) fn resource<'a>(text: &'a str, service: &str) -> Result<&'a str, &'a str> {
    let mut parts = text.splitn(6, ':');
    for expected in ["arn", "aws", service, REGION, ACCOUNT] {
        match parts.next() {
            Some(part) if part == expected => {}
            Some(part) => return Err(part),
            None => return Err(text),
        }
    }
    parts.next().ok_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_of_another_region_names_what_is_foreign() {
        assert_eq!(resource(&arn("kms", "key/1"), "kms"), Ok("key/1"));
        assert_eq!(resource("arn:aws:kms:eu-west-1:000000000000:key/1", "kms"), Err("eu-west-1"));
        assert_eq!(resource("arn:aws:kms", "kms"), Err("arn:aws:kms"));
    }
}
