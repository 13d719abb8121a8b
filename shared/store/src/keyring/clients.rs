//! Clients: made, found by their person, listed.

use countersign_core::{
    ClientId, Moment, UserId,
    keyring::{Client, ClientKey, EveryClientPermit},
};
use serde::{Deserialize, Serialize};

use super::{
    facts::{Owner, held_key},
    items::NEW,
};
use crate::{
    Guard, KeptAnswer, Page, Store, StoreError,
    items::{item, kind_of, read},
    keys::{Key, keyring as of},
    lists::{read_cursor, write_cursor},
    transaction::Transaction,
};

/// How many clients' records one `BatchGetItem` takes: two of each.
const BATCH: usize = 50;

/// A client with its key, where it has one.
#[derive(Clone, Debug)]
pub struct ListedClient {
    /// The client.
    pub client: Client,
    /// Its key.
    pub key: Option<ClientKey>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    client_id: ClientId,
    made_at: Moment,
}

impl Store {
    /// Writes a new client: a person is one client at most.
    ///
    /// # Errors
    /// [`Guard::ClientPerson`] where the person is a client, [`Guard::Client`] where the id is taken, [`Guard::Idempotency`].
    pub async fn commit_client(
        &self,
        _permit: &EveryClientPermit,
        client: &Client,
        kept: Option<&KeptAnswer<'_>>,
    ) -> Result<(), StoreError> {
        let link = Owner { client_id: client.id };
        let entry = Entry { client_id: client.id, made_at: client.created_at };
        Transaction::new(self)
            .put(Guard::ClientPerson, item(&of::client_of_person(client.user_id), "client_person", link)?, NEW, vec![])
            .put(Guard::Client, item(&of::client(client.id), "client", client)?, NEW, vec![])
            .put(Guard::Client, item(&of::client_entry(client.id), "client_entry", entry)?, NEW, vec![])
            .keep(kept)?
            .commit()
            .await
    }

    /// Which client a person is.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn client_of_person(&self, user: UserId) -> Result<Option<ClientId>, StoreError> {
        let found = self.get(&of::client_of_person(user)).await?;
        found.map(|item| read::<Owner>(item, "client_person").map(|owner| owner.client_id)).transpose()
    }

    /// All clients, newest first, for whoever may see them.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor of another list.
    pub async fn clients(
        &self,
        _permit: &EveryClientPermit,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page<ListedClient>, StoreError> {
        let (ids, next_cursor) = self.client_ids(limit, cursor).await?;
        let mut clients = self.clients_of(&ids).await?;
        clients.sort_by_key(|listed| std::cmp::Reverse(listed.client.id));
        Ok(Page { items: clients, next_cursor })
    }

    /// The ids of all clients, newest first, a page of them: for what is done with every client.
    ///
    /// # Errors
    /// As [`Store::clients`].
    pub async fn client_ids(
        &self,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<(Vec<ClientId>, Option<String>), StoreError> {
        let start = cursor.map(read_cursor).transpose()?.map(of::client_entry);
        let (found, more) = self.newest(of::CLIENTS, of::CLIENT_ENTRY_PREFIX, limit, start).await?;
        // The key of a line says whose it is: one that cannot be read hides nobody.
        let ids: Vec<ClientId> = found.iter().filter_map(|item| of::client_of_entry(&Key::of(item)?.sk)).collect();
        let next = ids.last().filter(|_| more).map(write_cursor);
        Ok((ids, next))
    }

    /// A client's key, by its own record alone.
    ///
    /// # Errors
    /// Where the table cannot be read, or the record is not of our form.
    pub async fn client_key(&self, client: ClientId) -> Result<Option<ClientKey>, StoreError> {
        let found = self.get(&of::key(client)).await?;
        found.map(|item| held_key(item).map(|held| held.key)).transpose()
    }

    /// These clients with their keys, in no order.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn clients_of(&self, ids: &[ClientId]) -> Result<Vec<ListedClient>, StoreError> {
        let (mut clients, mut keys): (Vec<Client>, Vec<ClientKey>) = (Vec::new(), Vec::new());
        for part in ids.chunks(BATCH) {
            let wanted: Vec<Key> = part.iter().flat_map(|id| [of::client(*id), of::key(*id)]).collect();
            for item in self.get_batch(&wanted).await? {
                match kind_of(&item) {
                    "client" => clients.push(read(item, "client")?),
                    _ => keys.push(held_key(item)?.key),
                }
            }
        }
        let listed = |client: Client| {
            let key = keys.iter().find(|key| key.client_id == client.id).cloned();
            ListedClient { client, key }
        };
        Ok(clients.into_iter().map(listed).collect())
    }
}
