//! Short functions, short files, a first line that says why: what can be read at one sitting.

use proc_macro2::Span;
use syn::{
    Attribute, Block, ImplItemFn, ItemFn, ItemMod, Signature, TraitItemFn,
    spanned::Spanned as _,
    visit::{self, Visit},
};

use crate::house::{self, Violations};

/// Lines of a function, from its `fn` to its closing brace.
const FUNCTION_LINES: usize = 60;
/// Nine functions in ten are shorter than this.
const SHORT_FUNCTION_LINES: usize = 25;
/// Lines of a file, its unit tests left out.
const FILE_LINES: usize = 300;

/// A function in a file.
struct Function {
    name: String,
    line: usize,
    lines: usize,
    test: bool,
}

/// What one file holds.
#[derive(Default)]
struct Contents {
    functions: Vec<Function>,
    test_lines: usize,
    ignored: Vec<usize>,
    in_tests: bool,
}

impl Contents {
    fn of(path: &str, text: &str) -> Self {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut contents = Self { in_tests: is_test_path(path), ..Self::default() };
        contents.visit_file(&file);
        contents
    }

    fn function(&mut self, attributes: &[Attribute], signature: &Signature, block: &Block) {
        let line = signature.span().start().line;
        let lines = block.brace_token.span.close().end().line + 1 - line;
        let test = self.in_tests || attributes.iter().any(|attribute| attribute.path().is_ident("test"));
        self.functions.push(Function { name: signature.ident.to_string(), line, lines, test });
    }
}

impl<'ast> Visit<'ast> for Contents {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if module.content.is_none() || !module.attrs.iter().any(is_cfg_test) {
            return visit::visit_item_mod(self, module);
        }
        self.test_lines += lines(module.span());
        let before = std::mem::replace(&mut self.in_tests, true);
        visit::visit_item_mod(self, module);
        self.in_tests = before;
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.function(&function.attrs, &function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.function(&function.attrs, &function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if let Some(block) = &function.default {
            self.function(&function.attrs, &function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if attribute.path().is_ident("ignore") {
            self.ignored.push(attribute.span().start().line);
        }
    }
}

fn is_cfg_test(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
}

fn lines(span: Span) -> usize {
    span.end().line + 1 - span.start().line
}

/// A file in a folder of tests: there, a file may be as long as its cases are many.
fn is_test_path(path: &str) -> bool {
    path.split('/').rev().skip(1).any(|folder| folder == "tests")
}

fn check(path: &str, text: &str, broken: &mut Violations) -> Vec<Function> {
    let contents = Contents::of(path, text);
    if !text.starts_with("//! ") {
        broken.add(path, 1, "the first line says in one sentence why the file exists: `//! …`");
    }
    let length = text.lines().count() - contents.test_lines;
    if length > FILE_LINES && !is_test_path(path) {
        broken.add(path, FILE_LINES + 1, format!("{length} lines without tests; at most {FILE_LINES}"));
    }
    for function in contents.functions.iter().filter(|function| function.lines > FUNCTION_LINES) {
        broken.add(
            path,
            function.line,
            format!("fn {}: {} lines; at most {FUNCTION_LINES}", function.name, function.lines),
        );
    }
    for line in contents.ignored {
        broken.add(path, line, "an ignored test is no test");
    }
    contents.functions
}

#[test]
fn functions_and_files_are_short() {
    let mut broken = Violations::default();
    for path in house::sources() {
        check(&path, &house::text(&path), &mut broken);
    }
    broken.none();
}

#[test]
fn nine_functions_in_ten_are_under_25_lines() {
    let mut all = 0;
    let mut long = Violations::default();
    for path in house::sources() {
        let functions = check(&path, &house::text(&path), &mut Violations::default());
        for function in functions.iter().filter(|function| !function.test) {
            all += 1;
            if function.lines >= SHORT_FUNCTION_LINES {
                long.add(&path, function.line, format!("fn {}: {} lines", function.name, function.lines));
            }
        }
    }
    println!("{} of {all} functions have {SHORT_FUNCTION_LINES} lines or more", long.0.len());
    if long.0.len() * 10 > all {
        long.none();
    }
}

/// The rules on files that break them.
mod samples {
    use super::*;

    fn function(lines: usize) -> String {
        format!("fn f() {{\n{}}}\n", "    g();\n".repeat(lines - 2))
    }

    fn broken(path: &str, text: &str) -> Violations {
        let mut broken = Violations::default();
        check(path, text, &mut broken);
        broken
    }

    #[test]
    fn a_long_function() {
        broken("a.rs", &format!("//! Why.\n{}", function(60))).none();
        broken("a.rs", &format!("//! Why.\n{}", function(61))).only("a.rs:2: fn f: 61 lines");
        let method = format!("//! Why.\nimpl A {{\n{}}}\n", function(61));
        broken("tests/a.rs", &method).only("tests/a.rs:3: fn f: 61 lines");
    }

    #[test]
    fn a_long_file() {
        let long = format!("//! Why.\n{}", "struct A;\n".repeat(300));
        broken("src/a.rs", &long).only("301 lines without tests");
        broken("shared/store/tests/a.rs", &long).none();
        let tests = format!("//! Why.\n#[cfg(test)]\nmod tests {{\n{}}}\n", "    struct A;\n".repeat(400));
        broken("src/a.rs", &tests).none();
    }

    #[test]
    fn a_file_without_a_reason() {
        broken("a.rs", "struct A;\n").only("first line");
    }

    #[test]
    fn an_ignored_test() {
        broken("a.rs", "//! Why.\n#[test]\n#[ignore]\nfn f() {}\n").only("a.rs:3");
    }

    #[test]
    fn tests_are_told_from_code() {
        let functions = check(
            "src/a.rs",
            "//! Why.\nfn a() {}\n#[cfg(test)]\nmod tests { fn b() {} }\n#[test] fn c() {}\n",
            &mut Violations::default(),
        );
        let code: Vec<_> = functions.iter().filter(|f| !f.test).map(|f| f.name.as_str()).collect();
        assert_eq!(code, ["a"]);
    }
}
