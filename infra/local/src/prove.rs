//! `prove-totals`: counts a family's books again from its entries, says what differs, and mends what is a sum.

use std::path::Path;

use aws_config::{BehaviorVersion, SdkConfig};
use countersign_core::{
    FamilyId,
    chain::Head,
    ledger::{Difference, mend, recount},
};
use countersign_edge::{Environment, clock};
use countersign_store::{Along, Guard, Store, StoreError};

use crate::{LocalError, second_gateway::Told};

/// How often it begins again where the family was changed meanwhile.
const ROUNDS: u32 = 10;

/// What was found of a family, and what was done about it.
#[derive(Debug)]
pub struct Proved {
    /// How many transactions and entries were counted.
    pub counted: (usize, usize),
    /// What does not agree.
    pub found: Vec<Difference>,
    /// Whether the sums among it were mended.
    pub mended: bool,
}

impl Proved {
    /// Whether nothing is left that does not agree.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.found.iter().all(|difference| self.mended && difference.is_mendable())
    }
}

/// The table to look at: that of the local system whose demo.json this is, else of the environment (`TABLE_NAME`, and what
/// leads the SDK to its account).
///
/// # Errors
/// Where neither is there.
pub async fn table_of(demo: Option<&Path>) -> Result<Store, LocalError> {
    if let Some(demo) = demo {
        let (environment, config) = Told::read(demo)?.into_parts(None);
        return table(&environment, &config);
    }
    table(&Environment::of_process(), &aws_config::load_defaults(BehaviorVersion::latest()).await)
}

fn table(environment: &Environment, config: &SdkConfig) -> Result<Store, LocalError> {
    let name = environment.required("TABLE_NAME").map_err(|error| LocalError::Aws(error.to_string()))?;
    Ok(Store::new(config, name))
}

/// Counts the books of a family again; where `fix` says so, mends the sums that are wrong, each with an event that says it.
///
/// # Errors
/// Where the table cannot be read, the family is not there, or is changed all the time.
pub async fn prove_totals(store: &Store, family: FamilyId, fix: bool) -> Result<Proved, LocalError> {
    let mut last = StoreError::Conflict;
    for _ in 0..ROUNDS {
        match prove(store, family, fix).await {
            Err(error @ (StoreError::Conflict | StoreError::Condition(Guard::Family))) => last = error,
            Ok(None) => return Err(LocalError::Asked(format!("family {family} is not there"))),
            Ok(Some(proved)) => return Ok(proved),
            Err(error) => return Err(LocalError::refused(error)),
        }
    }
    Err(LocalError::refused(last))
}

/// None where nothing has ever happened in such a family, not even its making.
async fn prove(store: &Store, family: FamilyId, fix: bool) -> Result<Option<Proved>, StoreError> {
    let books = store.bootstrap().books(family).await?;
    if books.head == Head::default() {
        return Ok(None);
    }
    let found = recount(&books);
    let changes = if fix { mend(&books, &found, clock::now()) } else { Vec::new() };
    for change in &changes {
        store.commit_family(change, Along::default()).await?;
    }
    let counted = (books.standings.len(), books.entries.len());
    Ok(Some(Proved { counted, found, mended: !changes.is_empty() }))
}
