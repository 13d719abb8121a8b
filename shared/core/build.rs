//! Turns infra/permissions.yaml into tables at build time: what it does not grant is refused, and a wrong file does not build.

use std::{collections::BTreeMap, env, error::Error, fmt::Write as _, fs, path::Path};

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Permissions {
    public: Vec<String>,
    outside_tokens: Vec<String>,
    people: BTreeMap<String, Role>,
    services: BTreeMap<String, Role>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct Role {
    inherits: Option<String>,
    endpoints: Vec<String>,
    deny: Vec<String>,
    acts_for_people: bool,
    task_types: Vec<String>,
    telegram_commands: Vec<String>,
    family_permissions: Vec<String>,
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
        "/// Endpoints that a trusted outside issuer's token may call.\npub static OUTSIDE: &[&str] = &{:?};",
        permissions.outside_tokens
    )?;
    code.push_str(&table("PEOPLE", "Platform roles of people.", &permissions.people)?);
    code.push_str(&table("SERVICES", "Roles of services.", &permissions.services)?);
    fs::write(Path::new(&env::var("OUT_DIR")?).join("permissions.rs"), code)?;
    Ok(())
}

fn table(name: &str, doc: &str, roles: &BTreeMap<String, Role>) -> Result<String, Box<dyn Error>> {
    let mut code = format!("/// {doc}\npub static {name}: &[Role] = &[\n");
    for role_name in roles.keys() {
        let role = resolved(role_name, roles, 0)?;
        writeln!(
            code,
            "Role {{ name: {role_name:?}, endpoints: &{:?}, deny: &{:?}, acts_for_people: {}, task_types: &{:?}, \
             telegram_commands: &{:?}, family_permissions: &{:?} }},",
            role.endpoints,
            role.deny,
            role.acts_for_people,
            role.task_types,
            role.telegram_commands,
            role.family_permissions
        )?;
    }
    code.push_str("];\n");
    Ok(code)
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
        role.task_types.extend(parent.task_types);
        role.telegram_commands.extend(parent.telegram_commands);
        role.family_permissions.extend(parent.family_permissions);
    }
    Ok(role)
}
