//! An embedded AWS: DynamoDB, KMS, Secrets Manager and SQS over HTTP.
