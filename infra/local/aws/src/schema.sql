CREATE TABLE kms_key (
    id TEXT PRIMARY KEY, spec TEXT NOT NULL, description TEXT NOT NULL, state TEXT NOT NULL, created INTEGER NOT NULL,
    deletion_at INTEGER, window_days INTEGER, rotation_days INTEGER, next_rotation INTEGER, material TEXT NOT NULL
) STRICT;
CREATE TABLE kms_material (
    id TEXT PRIMARY KEY, key_id TEXT NOT NULL REFERENCES kms_key (id) ON DELETE CASCADE,
    secret BLOB NOT NULL, created INTEGER NOT NULL, rotation TEXT
) STRICT;
CREATE INDEX kms_material_of_key ON kms_material (key_id);
CREATE TABLE kms_alias (
    name TEXT PRIMARY KEY, key_id TEXT NOT NULL REFERENCES kms_key (id) ON DELETE CASCADE,
    created INTEGER NOT NULL, updated INTEGER NOT NULL
) STRICT;
CREATE TABLE kms_tag (
    key_id TEXT NOT NULL REFERENCES kms_key (id) ON DELETE CASCADE, name TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (key_id, name)
) STRICT;

CREATE TABLE secret (
    name TEXT PRIMARY KEY, suffix TEXT NOT NULL, description TEXT, kms_key_id TEXT, tags TEXT NOT NULL,
    created INTEGER NOT NULL, changed INTEGER NOT NULL, accessed INTEGER, deletion_at INTEGER
) STRICT;
CREATE TABLE secret_version (
    name TEXT NOT NULL REFERENCES secret (name) ON DELETE CASCADE, id TEXT NOT NULL, is_text INTEGER NOT NULL,
    value BLOB NOT NULL, created INTEGER NOT NULL, accessed INTEGER, PRIMARY KEY (name, id)
) STRICT;
CREATE TABLE secret_stage (
    name TEXT NOT NULL, stage TEXT NOT NULL, version TEXT NOT NULL, PRIMARY KEY (name, stage),
    FOREIGN KEY (name, version) REFERENCES secret_version (name, id) ON DELETE CASCADE
) STRICT;

CREATE TABLE sqs_queue (
    name TEXT PRIMARY KEY, attributes TEXT NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL
) STRICT;
CREATE TABLE sqs_message (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL REFERENCES sqs_queue (name) ON DELETE CASCADE,
    id TEXT NOT NULL, body TEXT NOT NULL, attributes TEXT NOT NULL, trace TEXT, dead_letter_source TEXT,
    group_id TEXT, dedup_id TEXT, sent INTEGER NOT NULL, visible_at INTEGER NOT NULL,
    receipt TEXT, received INTEGER NOT NULL DEFAULT 0, first_received INTEGER
) STRICT;
CREATE INDEX sqs_message_order ON sqs_message (queue, seq);
CREATE INDEX sqs_message_group ON sqs_message (queue, group_id, seq);
CREATE TABLE sqs_dedup (
    queue TEXT NOT NULL REFERENCES sqs_queue (name) ON DELETE CASCADE, scope TEXT NOT NULL, id TEXT NOT NULL,
    message_id TEXT NOT NULL, seq INTEGER NOT NULL, sent INTEGER NOT NULL, PRIMARY KEY (queue, scope, id)
) STRICT;
