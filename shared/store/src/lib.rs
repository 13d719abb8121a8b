//! Reads facts from and commits decisions to the one DynamoDB table.
