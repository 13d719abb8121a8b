//! Turns infra/permissions.yaml, infra/providers.yaml and infra/bot_types.yaml into tables at build time: what the first does
//! not grant is refused, and a wrong file does not build.

#[path = "build/bot_types.rs"]
mod bot_types;
#[path = "build/providers.rs"]
mod providers;

use std::{collections::BTreeMap, env, error::Error, fmt::Write as _, fs, path::Path};

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Permissions {
    public: Vec<String>,
    telegram: Vec<String>,
    runners: Vec<String>,
    outside_tokens: Vec<String>,
    people: BTreeMap<String, Role>,
    services: BTreeMap<String, Role>,
    families: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct Role {
    inherits: Option<String>,
    endpoints: Vec<String>,
    deny: Vec<String>,
    acts_for_people: bool,
    acts_for_clients: bool,
    task_types: Vec<String>,
    telegram_commands: Vec<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../infra/permissions.yaml");
    println!("cargo::rerun-if-changed={}", path.display());
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let permissions: Permissions =
        serde_norway::from_str(&text).map_err(|error| format!("infra/permissions.yaml: {error}"))?;
    let mut code = String::new();
    writeln!(code, "/// Endpoints that need no credential.\npub static PUBLIC: &[&str] = &{:?};", permissions.public)?;
    writeln!(
        code,
        "/// Endpoints that Telegram calls, with the webhook's secret.\npub static TELEGRAM: &[&str] = &{:?};",
        permissions.telegram
    )?;
    writeln!(
        code,
        "/// Endpoints that a bot's runner calls, with its token.\npub static RUNNERS: &[&str] = &{:?};",
        permissions.runners
    )?;
    writeln!(
        code,
        "/// Endpoints that a trusted outside issuer's token may call.\npub static OUTSIDE: &[&str] = &{:?};",
        permissions.outside_tokens
    )?;
    code.push_str(&table("PEOPLE", "Platform roles of people.", &permissions.people)?);
    code.push_str(&table("SERVICES", "Roles of services.", &permissions.services)?);
    writeln!(code, "/// What each role may do in its own family.\npub static FAMILIES: &[(&str, &[&str])] = &[")?;
    for (role, granted) in &permissions.families {
        writeln!(code, "({role:?}, &{granted:?}),")?;
    }
    code.push_str("];\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("permissions.rs"), code)?;
    write("providers", providers::table)?;
    write("bot_types", bot_types::table)
}

/// Turns infra/NAME.yaml into NAME.rs.
fn write(name: &str, table: fn(&str) -> Result<String, Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    let path = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(format!("../../infra/{name}.yaml"));
    println!("cargo::rerun-if-changed={}", path.display());
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let code = table(&text).map_err(|error| format!("infra/{name}.yaml: {error}"))?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join(format!("{name}.rs")), code)?;
    Ok(())
}

fn table(name: &str, doc: &str, roles: &BTreeMap<String, Role>) -> Result<String, Box<dyn Error>> {
    let mut code = format!("/// {doc}\npub static {name}: &[Role] = &[\n");
    for role_name in roles.keys() {
        let role = resolved(role_name, roles, 0)?;
        writeln!(
            code,
            "Role {{ name: {role_name:?}, includes: &{:?}, endpoints: &{:?}, deny: &{:?}, acts_for_people: {}, acts_for_clients: {}, \
             task_types: &{:?}, \
             telegram_commands: &{:?} }},",
            lineage(role_name, roles),
            role.endpoints,
            role.deny,
            role.acts_for_people,
            role.acts_for_clients,
            role.task_types,
            role.telegram_commands
        )?;
    }
    code.push_str("];\n");
    Ok(code)
}

/// The role and those that it inherits from.
fn lineage(name: &str, roles: &BTreeMap<String, Role>) -> Vec<String> {
    let parent = |name: &String| roles.get(name).and_then(|role| role.inherits.clone());
    std::iter::successors(Some(name.to_owned()), parent).collect()
}

fn resolved(name: &str, roles: &BTreeMap<String, Role>, depth: usize) -> Result<Role, Box<dyn Error>> {
    let mut role = roles.get(name).cloned().ok_or_else(|| format!("unknown role {name}"))?;
    if let Some(parent) = role.inherits.clone() {
        if depth > 8 {
            return Err(format!("{name} inherits from itself").into());
        }
        let parent = resolved(&parent, roles, depth + 1)?;
        role.endpoints.extend(parent.endpoints);
        role.deny.extend(parent.deny);
        role.acts_for_people |= parent.acts_for_people;
        role.acts_for_clients |= parent.acts_for_clients;
        role.task_types.extend(parent.task_types);
        role.telegram_commands.extend(parent.telegram_commands);
    }
    Ok(role)
}
