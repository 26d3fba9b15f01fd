//! Keeps what differs between contracts behind `ContractProfile`: no source file but the registry may compare with a
//! contract. A contract as a value (a route, demo data) is fine. Tests and benches may compare.

use std::path::{Path, PathBuf};
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Attribute, BinOp, Expr, ExprBinary, ExprMacro, Item, Lit, Macro, Pat, Token, UseTree};

/// The folders that hold the workspace's sources, relative to its root.
const SOURCES: [&str; 5] = ["cli", "emulator", "functions", "local", "shared"];

/// The only file that may match on a contract: it maps each to its profile.
const REGISTRY: &str = "shared/contract/src/registry.rs";

/// Names of contracts on the wire: a comparison with one is a comparison with the contract.
const NAMES: [&str; 3] = ["revenueDefenders", "leadRescue", "vendorPad"];

/// Collects the comparisons of a file.
#[derive(Default)]
struct Comparisons {
    found: Vec<String>,
    in_pattern: bool,
    /// Variants that the file imports, to name them without `Contract::`.
    imported: Vec<String>,
}

impl Comparisons {
    fn add(&mut self, comparison: impl Into<String>) {
        self.found.push(comparison.into());
    }

    /// Returns the contract if `path` ends in `Contract::Variant` or is an imported variant.
    fn variant(&self, path: &syn::Path) -> Option<String> {
        let mut last = path.segments.iter().rev().map(|segment| segment.ident.to_string());
        let variant = last.next()?;
        let is_constant = !variant.chars().any(char::is_lowercase);
        match last.next() {
            Some(owner) => (owner == "Contract" && !is_constant).then(|| format!("Contract::{variant}")),
            None => self.imported.contains(&variant).then_some(variant),
        }
    }

    /// Returns the contract that an operand of `==` or `!=` names.
    fn operand(&self, expression: &Expr) -> Option<String> {
        match expression {
            Expr::Path(path) => self.variant(&path.path),
            Expr::Lit(literal) => name(&literal.lit),
            Expr::Reference(reference) => self.operand(&reference.expr),
            Expr::Paren(paren) => self.operand(&paren.expr),
            Expr::Group(group) => self.operand(&group.expr),
            Expr::Call(call) => call.args.iter().find_map(|argument| self.operand(argument)),
            Expr::Tuple(tuple) => tuple.elems.iter().find_map(|element| self.operand(element)),
            _ => None,
        }
    }

    /// Notes the variants that a use declaration imports from `Contract`.
    fn import(&mut self, tree: &UseTree) {
        match tree {
            UseTree::Name(name) => self.imported.push(name.ident.to_string()),
            UseTree::Rename(rename) => self.imported.push(rename.rename.to_string()),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.import(item)),
            UseTree::Glob(_) | UseTree::Path(_) => self.add("an import of every contract"),
        }
    }

    /// Finds comparisons in the arguments of a macro: `matches!`, or any macro that takes expressions.
    fn visit_arguments(&mut self, called: &Macro) {
        if called.path.is_ident("matches") {
            let matches = |input: syn::parse::ParseStream<'_>| {
                let value: Expr = input.parse()?;
                input.parse::<Token![,]>()?;
                let pattern = Pat::parse_multi_with_leading_vert(input)?;
                let guard = if input.peek(Token![if]) {
                    input.parse::<Token![if]>()?;
                    Some(input.parse::<Expr>()?)
                } else {
                    None
                };
                input.parse::<Option<Token![,]>>()?;
                Ok((value, pattern, guard))
            };
            if let Ok((value, pattern, guard)) = called.parse_body_with(matches) {
                self.visit_expr(&value);
                self.visit_pat(&pattern);
                if let Some(guard) = &guard {
                    self.visit_expr(guard);
                }
            }
        } else if let Ok(arguments) = called.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated) {
            for argument in &arguments {
                self.visit_expr(argument);
            }
        }
    }
}

fn name(literal: &Lit) -> Option<String> {
    match literal {
        Lit::Str(text) if NAMES.contains(&text.value().as_str()) => Some(format!("{:?}", text.value())),
        _ => None,
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

impl<'ast> Visit<'ast> for Comparisons {
    fn visit_item(&mut self, item: &'ast Item) {
        if !matches!(item, Item::Mod(module) if is_test(&module.attrs)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_expr_binary(&mut self, binary: &'ast ExprBinary) {
        if matches!(binary.op, BinOp::Eq(_) | BinOp::Ne(_))
            && let Some(contract) = self.operand(&binary.left).or_else(|| self.operand(&binary.right))
        {
            self.add(format!("a comparison with {contract}"));
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_pat(&mut self, pattern: &'ast Pat) {
        let outer = std::mem::replace(&mut self.in_pattern, true);
        let contract = match pattern {
            Pat::Lit(literal) => name(&literal.lit),
            Pat::Ident(variable) => Some(variable.ident.to_string()).filter(|name| self.imported.contains(name)),
            _ => None,
        };
        if let Some(contract) = contract {
            self.add(format!("a pattern with {contract}"));
        }
        visit::visit_pat(self, pattern);
        self.in_pattern = outer;
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if self.in_pattern
            && let Some(contract) = self.variant(path)
        {
            self.add(format!("a pattern with {contract}"));
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_macro(&mut self, called: &'ast ExprMacro) {
        self.visit_arguments(&called.mac);
    }

    fn visit_stmt_macro(&mut self, called: &'ast syn::StmtMacro) {
        self.visit_arguments(&called.mac);
    }

    fn visit_use_tree(&mut self, tree: &'ast UseTree) {
        // Under another name it would pass unseen.
        match tree {
            UseTree::Path(path) if path.ident == "Contract" => self.import(&path.tree),
            UseTree::Rename(rename) if rename.ident == "Contract" => self.add("a renaming of Contract"),
            _ => visit::visit_use_tree(self, tree),
        }
    }
}

fn comparisons(source: &str) -> Vec<String> {
    let mut comparisons = Comparisons::default();
    comparisons.visit_file(&syn::parse_file(source).expect("Rust"));
    comparisons.found
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && !matches!(name, "tests" | "benches" | "target") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && name != "tests.rs" {
            found.push(path);
        }
    }
}

#[test]
fn no_code_outside_the_registry_compares_contracts() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the workspace");
    let mut paths = Vec::new();
    for folder in SOURCES.iter().map(|folder| root.join(folder)).filter(|folder| folder.exists()) {
        sources(&folder, &mut paths);
    }
    assert!(paths.len() > 100, "the workspace's sources: {}", paths.len());
    let mut found = Vec::new();
    for path in paths.iter().filter(|path| !path.ends_with(REGISTRY)) {
        let source = std::fs::read_to_string(path).expect("a source file");
        found.extend(comparisons(&source).into_iter().map(|comparison| format!("{}: {comparison}", path.display())));
    }
    assert!(found.is_empty(), "use a method of ContractProfile instead:\n{}", found.join("\n"));
}

#[test]
fn finds_every_form_of_comparison() {
    let bodies = [
        "if contract == Contract::LeadRescue {}",
        "let b = &domain::Contract::LeadRescue != contract;",
        "if Some(Contract::LeadRescue) == found {}",
        "match contract { Contract::LeadRescue => 1, _ => 2 };",
        "match (contract, mode) { (Contract::LeadRescue, Mode::Test) => 1, _ => 2 };",
        "match key { Key { contract: Contract::LeadRescue, .. } | Key { .. } => 1 };",
        "if let Contract::LeadRescue = contract {}",
        "let Contract::LeadRescue = contract else { return };",
        "matches!(contract, Contract::Native | Contract::LeadRescue);",
        "assert!(contract == Contract::LeadRescue);",
        "if contract.name() == \"leadRescue\" {}",
        "match contract.name() { \"leadRescue\" => 1, _ => 2 };",
        "list.iter().filter(|contract| **contract == Contract::LeadRescue);",
    ];
    for body in bodies {
        assert!(!comparisons(&format!("fn f() {{ {body} }}")).is_empty(), "{body}");
    }
    for body in
        ["match contract { LeadRescue => 1, _ => 2 };", "contract == &LeadRescue;", "matches!(c, Some(LeadRescue))"]
    {
        let source = format!("use domain::Contract::{{LeadRescue, Native}}; fn f() {{ {body} }}");
        assert!(!comparisons(&source).is_empty(), "{body}");
    }
    assert!(!comparisons("use domain::Contract::*;").is_empty());
    assert!(!comparisons("use domain::Contract as C;").is_empty());
}

#[test]
fn accepts_contracts_as_values() {
    let bodies = [
        "routes.serve(Contract::LeadRescue, \"/leads\", handler);",
        "let demo = Demo { contract: Contract::LeadRescue };",
        "match mode { Mode::Test => Contract::LeadRescue, _ => Contract::Native };",
        "let all = Contract::ALL.len() == 4;",
    ];
    for body in bodies {
        assert_eq!(comparisons(&format!("fn f() {{ {body} }}")), Vec::<String>::new(), "{body}");
    }
    assert!(comparisons("use domain::Contract::Native; fn f() { serve(Native, \"/leads\") }").is_empty());
    assert!(comparisons("#[cfg(test)] mod tests { fn f() { c == Contract::Native; } }").is_empty());
}
