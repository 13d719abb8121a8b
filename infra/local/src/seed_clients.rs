//! The clients of the demo: two, without bots; made by the route that an admin uses.

use serde_json::json;

use crate::{
    LocalError,
    demo::DemoClient,
    seed_members::{MadeMember, Seeding, number},
};

/// Makes up the people that are clients.
pub(crate) fn made() -> Result<Vec<MadeMember>, LocalError> {
    ["Clara", "Carl"].iter().zip(10..).map(|(name, index)| MadeMember::new(name, index)).collect()
}

/// Makes the clients that are not there.
pub(crate) async fn clients(
    seeding: &Seeding<'_>,
    made: &[MadeMember],
    admin_token: &str,
) -> Result<Vec<DemoClient>, LocalError> {
    let mut clients = Vec::with_capacity(made.len());
    for made in made {
        seeding.add(made).await?;
        let member = seeding.shown(made);
        let own = seeding.get("/clients", &member.access_token).await?;
        let id = match own.pointer("/clients/0") {
            Some(client) => number(client, "id")?,
            None => {
                let body = json!({ "name": made.name, "user_id": member.user_id });
                number(&seeding.post("/clients", admin_token, &body).await?, "id")?
            }
        };
        let (user_id, telegram_id, access_token) = (member.user_id, member.telegram_id, member.access_token);
        clients.push(DemoClient { id, name: made.name.clone(), user_id, telegram_id, access_token });
    }
    Ok(clients)
}
