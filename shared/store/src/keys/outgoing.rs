//! What the table's stream tells by a key alone: a message to send, or a delivery to make.

use countersign_core::{
    ChatId,
    messaging::{DeliveryRef, OutRef},
};

use super::Key;

/// What a new item of the table tells or delivers, as its key says: read from the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A message to Telegram.
    Message(OutRef),
    /// A delivery to a service.
    Delivery(DeliveryRef),
}

impl Outgoing {
    pub(crate) fn key(self) -> Key {
        match self {
            Self::Message(message) => super::out(message.chat_id, message.out_id),
            Self::Delivery(delivery) => super::delivery(delivery.service_id, delivery.delivery_id),
        }
    }

    /// Takes keys of messages and deliveries apart; nothing for any other key.
    #[must_use]
    pub fn of_key(pk: &str, sk: &str) -> Option<Self> {
        let (partition, owner) = pk.split_once('#')?;
        let (kind, id) = sk.split_once('#')?;
        let id = id.trim_start_matches('0');
        match (partition, kind) {
            ("CHAT", "OUT") => Some(Self::Message(OutRef { chat_id: owner.parse().ok()?, out_id: id.parse().ok()? })),
            ("SERVICE", "DELIVERY") => {
                Some(Self::Delivery(DeliveryRef { service_id: owner.parse().ok()?, delivery_id: id.parse().ok()? }))
            }
            _ => None,
        }
    }
}

/// Who has made a message of a chat.
pub(crate) fn made(chat: ChatId, message_id: i64) -> Key {
    Key::new(super::chat_partition(chat), format!("MADE#{message_id:010}"))
}

#[cfg(test)]
mod tests {
    use countersign_core::{DeliveryId, OutId, ServiceId};

    use super::*;
    use crate::keys;

    #[test]
    fn keys_are_taken_apart_as_they_are_built() {
        for chat in [7, -1_001_234_567_890] {
            let (chat_id, out_id) = (ChatId::new(chat).unwrap(), OutId::new(10).unwrap());
            let key = keys::out(chat_id, out_id);
            assert_eq!(Outgoing::of_key(&key.pk, &key.sk), Some(Outgoing::Message(OutRef { chat_id, out_id })));
        }
        let (service_id, delivery_id) = (ServiceId::new(3).unwrap(), DeliveryId::new(4).unwrap());
        let key = keys::delivery(service_id, delivery_id);
        let delivery = DeliveryRef { service_id, delivery_id };
        assert_eq!(Outgoing::of_key(&key.pk, &key.sk), Some(Outgoing::Delivery(delivery)));
    }

    #[test]
    fn other_keys_tell_nothing() {
        for (pk, sk) in [
            ("CHAT#7", "PROMPT#1"),
            ("SERVICE#7", "SERVICE"),
            ("SERVICE#7", "OUT#0000000000000001"),
            ("CHAT#0", "OUT#1"),
            ("CHAT#7", "OUT#0"),
        ] {
            assert_eq!(Outgoing::of_key(pk, sk), None, "{pk} {sk}");
        }
    }
}
