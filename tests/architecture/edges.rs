//! Who may link whom: function → shared crates, shared crate → core, and one home for each outside system's SDK.

use cargo_metadata::{Dependency, DependencyKind, Metadata, MetadataCommand, Package};

use crate::house::{self, Violations};

/// Functions that sign or link accounts: they alone link the vault.
const VAULT_FUNCTIONS: &[&str] =
    &["countersign-sign", "countersign-keys", "countersign-oauth-door", "countersign-telegram-bot"];

/// The one crate that links an SDK. An SDK that is not here is linked by nobody.
const SDK_HOMES: &[(&str, &str)] = &[
    ("aws-sdk-dynamodb", "countersign-store"),
    ("aws-sdk-kms", "countersign-vault"),
    ("aws-sdk-secretsmanager", "countersign-edge"),
    ("aws-sdk-sqs", "countersign-queue"),
];

/// Core decides and does not do: no network, no runtime, no AWS.
const NOT_IN_CORE: &[&str] = &[
    "aws-config",
    "aws_lambda_events",
    "axum",
    "hyper",
    "lambda_http",
    "lambda_runtime",
    "reqwest",
    "tokio",
    "tracing",
];

/// Which room of the house a package is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    Function,
    Core,
    Shared,
    Local,
    Tests,
}

fn room(folder: &str) -> Option<Room> {
    let parts: Vec<&str> = folder.split('/').collect();
    match &parts[..] {
        ["functions", _] => Some(Room::Function),
        ["shared", "core"] => Some(Room::Core),
        ["shared", _] => Some(Room::Shared),
        ["infra", "local"] | ["infra", "local", _] => Some(Room::Local),
        ["tests", ..] => Some(Room::Tests),
        _ => None,
    }
}

/// Why one package may not link another of the house; nothing where it may.
fn refused_edge(from: Room, to: Room) -> Option<&'static str> {
    match (from, to) {
        (Room::Local | Room::Tests, _) | (Room::Function, Room::Shared | Room::Core) | (Room::Shared, Room::Core) => {
            None
        }
        (Room::Function, Room::Function) => Some("no function imports a function"),
        (Room::Function, _) => Some("a function links shared crates alone"),
        (Room::Core, _) => Some("core links nothing of the house"),
        (Room::Shared, _) => Some("a shared crate links core alone"),
    }
}

/// Why a package may not link an outside crate; nothing where it may.
fn refused_crate(from: &str, room: Room, name: &str) -> Option<String> {
    if matches!(room, Room::Local | Room::Tests) {
        return None;
    }
    if room == Room::Core && NOT_IN_CORE.contains(&name) {
        return Some(format!("core is pure and does not link {name}"));
    }
    if name.starts_with("dynoxide") {
        return Some(format!("{name} is for the local system and tests"));
    }
    let home = SDK_HOMES.iter().find(|(sdk, _)| *sdk == name).map(|(_, home)| *home);
    match home {
        Some(home) if home == from => None,
        Some(home) => Some(format!("{name} is linked by {home} alone")),
        None if name.starts_with("aws-sdk-") => Some(format!("{name} has no home: see SDK_HOMES")),
        None => None,
    }
}

fn metadata() -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(house::root().join("Cargo.toml")).no_deps().other_options(vec!["--offline".to_owned()]);
    command.exec().unwrap()
}

fn folder(package: &Package) -> String {
    let folder = package.manifest_path.parent().unwrap();
    folder.as_str().strip_prefix(house::root().to_str().unwrap()).unwrap().trim_start_matches('/').to_owned()
}

/// Packages of the house: manifest, room, package.
fn packages(metadata: &Metadata) -> impl Iterator<Item = (String, Room, &Package)> {
    metadata.packages.iter().map(|package| {
        let folder = folder(package);
        let room = room(&folder).unwrap_or_else(|| panic!("{folder} is no room of the house"));
        (format!("{folder}/Cargo.toml"), room, package)
    })
}

fn linked(package: &Package) -> impl Iterator<Item = &Dependency> {
    package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development)
}

#[test]
fn only_allowed_edges_exist() {
    let metadata = metadata();
    let rooms: Vec<_> = packages(&metadata).map(|(_, room, package)| (package.name.as_str(), room)).collect();
    let mut broken = Violations::default();
    for (manifest, from, package) in packages(&metadata) {
        let text = house::text(&manifest);
        for dependency in linked(package) {
            let name = dependency.name.as_str();
            let line = house::line_of(&text, |line| line.starts_with(name));
            let inside = rooms.iter().find(|(package, _)| *package == name);
            let why = match inside {
                Some((_, to)) => refused_edge(from, *to).map(str::to_owned),
                None => refused_crate(&package.name, from, name),
            };
            if let Some(why) = why {
                broken.add(&manifest, line, format!("{} → {name}: {why}", package.name));
            }
        }
    }
    broken.none();
}

#[test]
fn the_vault_is_linked_by_functions_that_sign() {
    let metadata = metadata();
    let mut broken = Violations::default();
    for (manifest, room, package) in packages(&metadata) {
        let links = linked(package).any(|dependency| dependency.name == "countersign-vault");
        if links && room == Room::Function && !VAULT_FUNCTIONS.contains(&package.name.as_str()) {
            broken.add(&manifest, 1, format!("{} may not link the vault", package.name));
        }
    }
    broken.none();
}

#[test]
fn every_function_has_the_same_few_files() {
    let metadata = metadata();
    let mut broken = Violations::default();
    for (manifest, room, package) in packages(&metadata) {
        let has = |file: &str| package.manifest_path.with_file_name(file).exists();
        if room == Room::Function && !(has("src/main.rs") && has("src/lib.rs")) {
            broken.add(&manifest, 1, "a function has src/main.rs and src/lib.rs");
        }
        let text = house::text(&manifest);
        if !text.contains("[lints]\nworkspace = true") {
            broken.add(&manifest, 1, "lints are the workspace's: [lints] workspace = true");
        }
    }
    broken.none();
}

/// Programs that functions/ builds: package and program.
pub(crate) fn programs() -> Vec<(String, String)> {
    let metadata = metadata();
    packages(&metadata)
        .filter(|(_, room, _)| *room == Room::Function)
        .flat_map(|(_, _, package)| package.targets.iter().filter(|t| t.is_bin()).map(move |t| (package, t)))
        .map(|(package, target)| (package.name.to_string(), target.name.clone()))
        .collect()
}

#[test]
fn the_rules_refuse_what_they_should() {
    assert!(refused_edge(Room::Function, Room::Function).is_some());
    assert!(refused_edge(Room::Function, Room::Local).is_some());
    assert!(refused_edge(Room::Shared, Room::Shared).is_some());
    assert!(refused_edge(Room::Core, Room::Shared).is_some());
    assert!(refused_edge(Room::Shared, Room::Core).is_none());
    assert!(refused_crate("countersign-web", Room::Function, "aws-sdk-kms").is_some());
    assert!(refused_crate("countersign-store", Room::Shared, "aws-sdk-kms").is_some());
    assert!(refused_crate("countersign-vault", Room::Shared, "aws-sdk-kms").is_none());
    assert!(refused_crate("countersign-edge", Room::Shared, "aws-sdk-s3").is_some());
    assert!(refused_crate("countersign-core", Room::Core, "tokio").is_some());
    assert_eq!(room("functions/sign"), Some(Room::Function));
    assert_eq!(room("shared/core"), Some(Room::Core));
    assert_eq!(room("elsewhere"), None);
}
