//! Names say what is in a room: no drawer for everything.

use syn::{
    ItemMod,
    visit::{self, Visit},
};

use crate::house::{self, Violations};

/// Names that say nothing.
const NO_NAMES: &[&str] = &["utils", "helpers", "common", "manager", "models"];

fn check(path: &str, broken: &mut Violations) {
    let last = path.rsplit('/').next().unwrap_or(path);
    let stem = last.strip_suffix(".rs").unwrap_or(last);
    if NO_NAMES.contains(&stem) {
        broken.add(path, 1, format!("`{stem}` says nothing about what is in it"));
    }
}

/// Modules in a file.
struct Modules<'a> {
    path: &'a str,
    broken: &'a mut Violations,
}

impl<'ast> Visit<'ast> for Modules<'_> {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        let name = module.ident.to_string();
        if NO_NAMES.contains(&name.as_str()) {
            let line = module.ident.span().start().line;
            self.broken.add(self.path, line, format!("module `{name}` says nothing about what is in it"));
        }
        visit::visit_item_mod(self, module);
    }
}

fn check_text(path: &str, text: &str, broken: &mut Violations) {
    let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
    Modules { path, broken }.visit_file(&file);
}

#[test]
fn names_say_what_is_inside() {
    let mut broken = Violations::default();
    for path in house::paths() {
        check(&path, &mut broken);
    }
    for path in house::sources() {
        check_text(&path, &house::text(&path), &mut broken);
    }
    broken.none();
}

#[test]
fn the_rule_refuses_what_it_should() {
    for path in ["shared/core/src/utils.rs", "shared/core/src/common", "functions/helpers"] {
        let mut broken = Violations::default();
        check(path, &mut broken);
        broken.only("says nothing");
    }
    let mut broken = Violations::default();
    check_text("a.rs", "pub(crate) mod models {\n}\nmod remodels;\n", &mut broken);
    broken.only("a.rs:1");
}
