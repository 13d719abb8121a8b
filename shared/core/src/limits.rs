//! Every limit has a name here. Units last.

mod keyring;

pub use keyring::*;

/// The largest request body, in bytes; a larger one is 413.
pub const BODY_BYTES: usize = 256 * 1024;
/// The longest credential header that is looked at, in bytes.
pub const CREDENTIAL_BYTES: usize = 8 * 1024;
/// How deep the types of an envelope may nest (Soroban values and authorisations recurse).
pub const XDR_DEPTH: u32 = 200;
/// The largest decoded envelope, in bytes. stellar-core refuses Soroban transactions over about 132 KB.
pub const XDR_BYTES: usize = 132 * 1024;
/// Longest Solana transaction, in bytes: a packet of 1280 less the headers of IPv6 and UDP, which no node exceeds.
pub const SOLANA_TRANSACTION_BYTES: usize = 1232;
/// Longest EVM transaction, in hex digits: half of what go-ethereum's pool takes.
pub const EVM_TRANSACTION_DIGITS: usize = 128 * 1024;
/// The most signatures an envelope holds (XDR: `DecoratedSignature signatures<20>`).
pub const ENVELOPE_SIGNATURES: usize = 20;
/// How far a signed request's timestamp may be off, in seconds, both ways and inclusive.
pub const SIGNED_REQUEST_SKEW_SECONDS: i64 = 30;
/// How old launch data may be by default, in seconds.
pub const LAUNCH_DATA_AGE_SECONDS: i64 = 3600;
/// How far ahead a trusted outside issuer's token may expire, in seconds.
pub const OUTSIDE_TOKEN_SECONDS: i64 = 24 * 3600;
/// How long an access token lives, in seconds.
pub const ACCESS_TOKEN_SECONDS: i64 = 900;
/// The longest `Idempotency-Key`, in characters.
pub const IDEMPOTENCY_KEY_CHARS: usize = 255;
/// How long an idempotency record is kept, in seconds.
pub const IDEMPOTENCY_SECONDS: i64 = 24 * 3600;
/// A page of a list where no `limit` is given.
pub const PAGE_DEFAULT: u32 = 50;
/// The largest page of a list.
pub const PAGE_MOST: u32 = 200;
/// How long a signing session may live, in seconds.
pub const SIGNING_SESSION_MOST_SECONDS: i64 = 90 * 24 * 3600;
/// How long a signing session lives where nothing is said, in seconds.
pub const SIGNING_SESSION_DEFAULT_SECONDS: i64 = 24 * 3600;
/// The most rows of the old database that one import request carries.
pub const IMPORT_ROWS: usize = 100;
/// How old the timestamp of a Turnkey activity may be when it is sent, in seconds.
pub const TURNKEY_FRESH_SECONDS: i64 = 3600;
/// How long a stamp request handed to a mini-app is good, in seconds.
pub const STAMP_REQUEST_SECONDS: i64 = 300;
/// After this long an intent whose outcome could not be learnt is given up as `lost`, in seconds.
pub const INTENT_GIVEN_UP_SECONDS: i64 = 24 * 3600;
/// How long an intent is kept once nothing is open about it, in seconds. Its events are kept for good.
pub const INTENT_KEPT_SECONDS: i64 = 7 * 24 * 3600;
/// After this long without an outcome an intent counts as `unknown`, and the claim of an import is left, in seconds: longer than a
/// request can run.
pub const INTENT_LEASE_SECONDS: i64 = 30;

/// The longest text of a message, in UTF-16 units after its markup is read (Bot API, `sendMessage`).
pub const MESSAGE_UNITS: usize = 4096;
/// The longest caption of a photo or a document, in UTF-16 units after its markup is read (Bot API, `sendPhoto`).
pub const CAPTION_UNITS: usize = 1024;
/// The longest text as it is sent, markup included, in bytes: four for each unit, and as much again for markup.
pub const TEXT_BYTES: usize = 8 * MESSAGE_UNITS;
/// The longest title of a chat, in characters (Bot API, `setChatTitle`).
pub const CHAT_TITLE_CHARS: usize = 128;
/// The longest description of a chat, in characters (Bot API, `setChatDescription`).
pub const CHAT_DESCRIPTION_CHARS: usize = 255;
/// The longest data of a button, in bytes (Bot API, `InlineKeyboardButton`).
pub const CALLBACK_DATA_BYTES: usize = 64;
/// The longest text of a button, in characters. Telegram names no limit; longer ones are cut off on every screen.
pub const BUTTON_TEXT_CHARS: usize = 64;
/// The longest link of a button or of a file, in bytes (URLs up to this length work everywhere).
pub const URL_BYTES: usize = 2048;
/// The most buttons under a message (Bot API refuses more than 100).
pub const BUTTONS: usize = 100;
/// The most buttons in a row (Bot API refuses more than 8).
pub const BUTTONS_IN_ROW: usize = 8;
/// The largest file that comes with a task, in bytes: the task is an item of the table, which holds 400 KB.
pub const FILE_BYTES: usize = 150 * 1024;
/// The longest name of a file, in bytes.
pub const FILE_NAME_BYTES: usize = 128;
/// The longest id of a file at Telegram, in bytes; those seen have under 100.
pub const FILE_ID_BYTES: usize = 256;
/// How often a message to Telegram is tried where nothing was sent; waiting for a `retry_after` does not count.
pub const OUT_TRIES: u32 = 8;
/// How long the first try's failure is waited out, in seconds; it doubles with each.
pub const OUT_BACKOFF_SECONDS: u32 = 1;
/// The longest such wait, in seconds.
pub const OUT_BACKOFF_MOST_SECONDS: u32 = 120;
/// The longest `retry_after` that is obeyed in one wait, in seconds (SQS hides a message for 12 h at most).
pub const RETRY_AFTER_MOST_SECONDS: u32 = 11 * 3600;
/// How long a task and its message are kept after their end, in seconds.
pub const TASK_KEPT_SECONDS: i64 = 30 * 24 * 3600;
/// Among how many of a group's latest messages its open questions are looked for when it becomes a supergroup.
pub const MOVED_MESSAGES: u32 = 100;
/// How long it is known who has made a message in a chat, in seconds: past any question's time.
pub const MADE_KEPT_SECONDS: i64 = 400 * 24 * 3600;

/// The longest name of a bot's command, in characters (Bot API, `BotCommand`).
pub const COMMAND_NAME_CHARS: usize = 32;
/// The longest description of a bot's command, in characters (Bot API, `BotCommand`).
pub const COMMAND_DESCRIPTION_CHARS: usize = 256;
/// The most commands in a menu (Bot API, `setMyCommands`).
pub const MENU_COMMANDS: usize = 100;
/// How long it is remembered that an update was handled, in seconds. Telegram keeps updates for 24 h.
pub const UPDATE_KEPT_SECONDS: i64 = 48 * 3600;
/// The longest text of an answer to a press, in characters (Bot API, `answerCallbackQuery`).
pub const PRESS_ANSWER_CHARS: usize = 200;
/// How often a handler of the bot runs again because the person's record changed under it.
pub const BOT_ATTEMPTS: u32 = 4;

/// The longest name of a service, in characters.
pub const SERVICE_NAME_CHARS: usize = 64;
/// The most commands that one service gives the bot.
pub const SERVICE_COMMANDS: usize = 20;
/// The most commands that all services together give the bot: Telegram's menu shows 100, and the bot has its own.
pub const COMMANDS_OF_SERVICES: usize = 75;
/// The longest JSON schema of a command's arguments, in bytes.
pub const COMMAND_SCHEMA_BYTES: usize = 4096;
/// The longest that a request waits for a task, in seconds: a function has 29, and API Gateway 30.
pub const WAIT_MOST_SECONDS: u32 = 25;
/// The time of a service's last call is written down this often at most, in seconds.
pub const LAST_USE_SECONDS: i64 = 3600;

/// The most people who are asked at once, and the most who are asked later.
pub const ASKED_PEOPLE: usize = 20;
/// The fewest choices of a question.
pub const CHOICES_LEAST: usize = 2;
/// The most choices of a question.
pub const CHOICES_MOST: usize = 10;
/// The longest question, or subject of an approval, in UTF-16 units.
pub const QUESTION_UNITS: usize = 1000;
/// The longest details of an approval, in UTF-16 units.
pub const DETAILS_UNITS: usize = 2000;
/// The longest answer in words, in UTF-16 units.
pub const TEXT_ANSWER_UNITS: usize = 1000;
/// How much of an answer in words, and of a long choice, the outcome repeats, in characters.
pub const SHOWN_ANSWER_CHARS: usize = 100;
/// The longest name of whoever asks or answers, in characters; the rest is not shown.
pub const SHOWN_NAME_CHARS: usize = 32;
/// The shortest time that a question is open, in seconds.
pub const ASK_LEAST_SECONDS: i64 = 5;
/// The longest time that a question is open, in seconds.
pub const ASK_MOST_SECONDS: i64 = 30 * 24 * 3600;
/// How long a question is open where nothing is said, in seconds.
pub const ASK_DEFAULT_SECONDS: i64 = 24 * 3600;
/// How long proposals are kept after they end, in seconds.
pub const APPROVAL_KEPT_SECONDS: i64 = 180 * 24 * 3600;
/// How many approvals one person may have asked for that are still open.
pub const OPEN_APPROVALS_PER_PERSON: u32 = 20;
/// How many open questions of a chat an answer in words is looked up among.
pub const OPEN_PROMPTS: u16 = 100;
/// How often a vote is judged again after another one was faster.
pub const VOTE_ROUNDS: u32 = 12;
/// How long the `state` of an authorization request is good, in seconds.
pub const OAUTH_STATE_SECONDS: i64 = 600;
/// How long a provider's code waits for the person, in seconds.
pub const OAUTH_CODE_SECONDS: i64 = 600;
/// How long one caller may hold the refresh token of a connection, in seconds: longer than the function that took the lease
/// lives (template.yaml, `Timeout`), so that nobody takes it over from a holder who may still use the token.
pub const OAUTH_LEASE_SECONDS: i64 = 30;
/// How long before its end an access token is refreshed, in seconds.
pub const OAUTH_REFRESH_AHEAD_SECONDS: i64 = 300;
/// An access token that ends sooner than this is not handed out, in seconds.
pub const OAUTH_ACCESS_LEAST_SECONDS: i64 = 30;
/// The longest life of an access token that is believed, in seconds.
pub const OAUTH_ACCESS_MOST_SECONDS: i64 = 366 * 24 * 3600;
/// How long an ended connection is still shown, in seconds.
pub const CONNECTION_KEPT_SECONDS: i64 = 30 * 24 * 3600;
/// How long a code that was taken may be without an outcome before its person is told to begin again, in seconds.
pub const OAUTH_REDEMPTION_SECONDS: i64 = 60;
/// After how long what could not be done for a linked account is tried again, in seconds.
pub const OAUTH_PUT_OFF_SECONDS: i64 = 3600;
/// How long a revocation that the provider did not answer is tried again, in seconds.
pub const OAUTH_REVOKE_SECONDS: i64 = 24 * 3600;
/// How long a message to Telegram may be without an end, or a delivery without its due try, before it is queued again, in seconds.
/// A FIFO queue drops a second message with the same id within five minutes (SQS); nothing depends on that.
pub const OUTGOING_OVERDUE_SECONDS: i64 = 300;
/// How long what was queued again is left alone, in seconds: a chat that Telegram slows down has its messages in the queue already.
pub const OUTGOING_AGAIN_SECONDS: i64 = 3600;
/// How long a courier holds a delivery that it tries, in seconds: longer than a try may take, table included.
pub const DELIVERY_CLAIM_SECONDS: i64 = 45;
/// How long a delivery is kept after its end, in seconds.
pub const DELIVERY_KEPT_SECONDS: i64 = 30 * 24 * 3600;
/// The longest wait for a delivery in one step, in seconds: SQS hides a message for 12 h at most, counted from its receipt.
pub const DELIVERY_WAIT_SECONDS: i64 = 11 * 3600;
/// How long a code that binds a chat is good, in seconds.
pub const BIND_CODE_SECONDS: i64 = 600;
/// How many codes a person may try within `BIND_CODE_SECONDS`.
pub const BIND_TRIES: u32 = 5;
/// How long a login lasts without being renewed, in seconds.
pub const LOGIN_SECONDS: i64 = 30 * 24 * 3600;
/// The most logins that move along when a person is bound to Telegram; older ones end.
pub const LOGINS_MOVED: usize = 25;
/// The longest first name that is kept, in characters (Bot API: 64).
pub const FIRST_NAME_CHARS: usize = 64;
/// The longest username that is kept, in characters (Bot API: 32).
pub const USERNAME_CHARS: usize = 32;
/// The longest name that a person gives a linked account, in characters.
pub const CONNECTION_NAME_CHARS: usize = 64;

/// The most families that one person is in.
pub const FAMILIES_OF_PERSON: usize = 20;
/// The most people of a family: they are kept in its record.
pub const FAMILY_MEMBERS: usize = 30;
/// The most categories of a family: they are kept in its record.
pub const FAMILY_CATEGORIES: usize = 100;
/// The most rules of when a family's payments need approval.
pub const FAMILY_RULES: usize = 30;
/// The most wallets of a family, archived ones included.
pub const FAMILY_WALLETS: usize = 60;
/// The longest name of a family, a wallet, a category, a member, a goal, in characters.
pub const MONEY_NAME_CHARS: usize = 64;
/// The longest description of a transaction, and the longest reason, in characters.
pub const MONEY_TEXT_CHARS: usize = 500;
/// The threshold of a family where nothing is said, in whole units of its currency.
pub const FAMILY_THRESHOLD_UNITS: i64 = 500;
/// The longest window of a rule, in days of UTC, the day of the payment included.
pub const RULE_WINDOW_DAYS: u32 = 31;
/// How many transactions of a family may wait for a decision.
pub const OPEN_MOVEMENTS: u32 = 100;
/// How many waiting transactions the bot lists at once, each with its button.
pub const SHOWN_PENDING: usize = 10;
/// For how many families `/report` draws a picture: all of them are one commit.
pub const REPORTED_FAMILIES: usize = 3;
/// How long a conversation with the bot stands after its last step, in seconds.
pub const CONVERSATION_SECONDS: i64 = 15 * 60;
/// The most buttons of one question of `/pay`, Cancel not counted (Bot API refuses more than 100 in all).
pub const PAY_CHOICES: usize = 90;
/// The most characters of an amount that somebody writes to the bot: more than any amount in range has.
pub const AMOUNT_CHARS: usize = 24;
/// How long a transaction waits for approval, in seconds.
pub const MOVEMENT_OPEN_SECONDS: i64 = 24 * 3600;
/// How long before its end those who are asked are reminded, in seconds.
pub const MOVEMENT_REMIND_SECONDS: i64 = 4 * 3600;
/// How often a change of a family is decided again after another one was faster.
pub const FAMILY_ROUNDS: usize = 30;
/// How long an invitation is good where nothing is said, in seconds.
pub const INVITATION_SECONDS: i64 = 7 * 24 * 3600;
/// The longest that an invitation is good, in seconds.
pub const INVITATION_MOST_SECONDS: i64 = 30 * 24 * 3600;
/// How many invitations of a family are open at once.
pub const OPEN_INVITATIONS: usize = 20;
/// How many sums of a family's books one commit mends.
pub const MENDED_AT_ONCE: usize = 40;
/// How many events one call proves.
pub const EVENTS_PROVED: u32 = 1000;
/// How long the access log keeps a request, in seconds: as long as API Gateway's own log group does (template.yaml).
pub const ACCESS_KEPT_SECONDS: i64 = 90 * 24 * 3600;
/// How far back the access log is read where nothing is said, in seconds.
pub const ACCESS_DEFAULT_SECONDS: i64 = 7 * 24 * 3600;
/// How many queries one page of the access log may cost: each reads a part of one day.
pub const ACCESS_QUERIES: u32 = 32;
/// How many requests one such query reads at most before it filters them.
pub const ACCESS_READ: u32 = 500;
/// The longest id, caller, code or method that the access log keeps, in characters.
pub const ACCESS_NAME_CHARS: usize = 64;
/// The longest route that the access log keeps, in characters.
pub const ACCESS_ROUTE_CHARS: usize = 256;

/// The most months that one report tells of.
pub const REPORT_MONTHS: usize = 24;
/// The most goals of a family.
pub const FAMILY_GOALS: usize = 50;
/// The most recurring transactions of a family.
pub const FAMILY_RECURRING: usize = 50;
/// How many recurring transactions one run of the schedule looks at.
pub const RECURRING_AT_ONCE: i32 = 100;
/// How many due days of one recurring transaction one run of the schedule makes up for.
pub const RECURRING_CATCH_UP: u32 = 31;

/// The longest e-mail address, in bytes (RFC 5321, section 4.5.3.1.3).
pub const EMAIL_BYTES: usize = 254;
/// The shortest password, in characters (NIST SP 800-63B, section 5.1.1.1).
pub const PASSWORD_CHARS_LEAST: usize = 8;
/// The longest password, in characters.
pub const PASSWORD_CHARS_MOST: usize = 128;
/// Failed logins of one account that cost no wait.
pub const FREE_TRIES_ACCOUNT: u32 = 5;
/// Failed logins from one address that cost no wait: many people may share it.
pub const FREE_TRIES_ADDRESS: u32 = 30;
/// The longest wait for the next try of one account, in seconds: its owner waits as well.
pub const TRY_WAIT_ACCOUNT_SECONDS: i64 = 60;
/// The longest wait for the next try from one address, in seconds.
pub const TRY_WAIT_ADDRESS_SECONDS: i64 = 15 * 60;
/// How long failed logins are remembered after the last one, in seconds.
pub const TRIES_REMEMBERED_SECONDS: i64 = 3600;
/// How long the refresh token before is answered with the same pair, in seconds: two tabs of one honest device, or a lost answer.
pub const REFRESH_GRACE_SECONDS: i64 = 30;
/// How many logins of a person a list shows.
pub const LOGINS_SHOWN: usize = 100;

/// Seconds of a day.
pub const DAY_SECONDS: i64 = 24 * 3600;
