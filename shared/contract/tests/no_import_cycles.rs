//! Keeps the modules of each crate free of import cycles: a file must not import, directly or through others, from a
//! file that imports from it. An import of a re-exported name counts as an import from the file that defines it.
//! Imports between a module and the modules inside it are not counted: these are one unit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemUse, UseTree, Visibility};

/// The folders that hold the workspace's crates, relative to its root.
const SOURCES: [&str; 5] = ["cli", "emulator", "functions", "local", "shared"];

/// Maximum number of re-exports that are followed from an import to its definition.
const MAX_REEXPORTS: usize = 8;

/// The segments of a path.
type Segments = Vec<String>;

/// A name that a module imports.
struct Import {
    path: Segments,
    /// Name in the importing module; `*` for all names.
    name: String,
    is_reexport: bool,
}

/// A module of a crate: a file, or a module inside a file.
struct Module {
    file: String,
    imports: Vec<Import>,
    /// Paths that the code names without importing them.
    paths: Vec<Segments>,
}

/// The modules of a crate by their paths below the crate.
#[derive(Default)]
struct Modules(BTreeMap<Segments, Module>);

impl Modules {
    /// Parses the files of a crate, given as names relative to its `src` and texts.
    fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut modules = Self::default();
        for (file, source) in files {
            let items = syn::parse_file(source).unwrap_or_else(|error| panic!("{file}: {error}")).items;
            modules.add(module_of(file), file, &items);
        }
        modules
    }

    fn add(&mut self, path: Segments, file: &str, items: &[Item]) {
        let mut module = Module { file: file.to_owned(), imports: Vec::new(), paths: Vec::new() };
        for item in items {
            match item {
                Item::Mod(inner) => {
                    if let Some((_, items)) = inner.content.as_ref().filter(|_| !is_test(&inner.attrs)) {
                        self.add(joined(&path, &[inner.ident.to_string()]), file, items);
                    }
                }
                item => module.visit_item(item),
            }
        }
        self.0.insert(path, module);
    }

    /// Returns the module that defines what `path` names in the module `from`. `None` if it is of another crate.
    fn definition(&self, from: &[String], path: &[String], reexports: usize) -> Option<Segments> {
        let (mut module, mut rest) = (from.to_vec(), path);
        match path.first()?.as_str() {
            "crate" => (module, rest) = (Segments::new(), &path[1..]),
            "self" => rest = &path[1..],
            "super" => {}
            child if self.0.contains_key(&joined(from, &[child.to_owned()])) => {}
            _ => return None,
        }
        while rest.first().is_some_and(|first| first == "super") {
            module.pop()?;
            rest = &rest[1..];
        }
        while let Some((first, after)) = rest.split_first() {
            let child = joined(&module, std::slice::from_ref(first));
            if !self.0.contains_key(&child) {
                break;
            }
            (module, rest) = (child, after);
        }
        let Some((name, after)) = rest.split_first().filter(|_| reexports < MAX_REEXPORTS) else { return Some(module) };
        let reexported = self.0.get(&module)?.imports.iter().find_map(|import| {
            let path = match import.name.as_str() {
                "*" => joined(&import.path, rest),
                imported if imported == name => joined(&import.path, after),
                _ => return None,
            };
            self.definition(&module, &path, reexports + 1)
        });
        Some(reexported.unwrap_or(module))
    }

    /// Returns the files that each file imports from.
    fn imports(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut graph: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (from, module) in &self.0 {
            // A re-export is followed where it is used.
            let imported = module.imports.iter().filter(|import| !import.is_reexport).map(|import| &import.path);
            for path in imported.chain(&module.paths) {
                let Some(to) = self.definition(from, path, 0) else { continue };
                let is_one_unit = to.starts_with(from) || from.starts_with(&to);
                if let Some(to) = self.0.get(&to).filter(|to| !is_one_unit && to.file != module.file) {
                    graph.entry(&module.file).or_default().insert(&to.file);
                }
            }
        }
        graph
    }

    /// Returns the files of a cycle of imports, the first one also as the last.
    fn cycle(&self) -> Option<Vec<&str>> {
        let graph = self.imports();
        let mut finished = BTreeSet::new();
        graph.keys().find_map(|file| cycle_from(&graph, file, &mut Vec::new(), &mut finished))
    }
}

/// Returns a cycle that `file` leads to. `path` holds the files from the start of the search to `file`.
fn cycle_from<'a>(
    graph: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    file: &'a str,
    path: &mut Vec<&'a str>,
    finished: &mut BTreeSet<&'a str>,
) -> Option<Vec<&'a str>> {
    if let Some(start) = path.iter().position(|visited| *visited == file) {
        return Some(path[start..].iter().copied().chain([file]).collect());
    }
    if finished.contains(file) {
        return None;
    }
    path.push(file);
    let found = graph.get(file).and_then(|next| next.iter().find_map(|next| cycle_from(graph, next, path, finished)));
    path.pop();
    finished.insert(file);
    found
}

impl Module {
    fn import(&mut self, tree: &UseTree, path: &[String], is_reexport: bool) {
        let mut add = |segments: Segments, name: String| {
            self.imports.push(Import { path: segments, name, is_reexport });
        };
        match tree {
            UseTree::Path(tree) => self.import(&tree.tree, &joined(path, &[tree.ident.to_string()]), is_reexport),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.import(item, path, is_reexport)),
            UseTree::Glob(_) => add(path.to_vec(), "*".to_owned()),
            UseTree::Name(tree) if tree.ident == "self" => {
                add(path.to_vec(), path.last().cloned().unwrap_or_default());
            }
            UseTree::Name(tree) => add(joined(path, &[tree.ident.to_string()]), tree.ident.to_string()),
            UseTree::Rename(tree) => add(joined(path, &[tree.ident.to_string()]), tree.rename.to_string()),
        }
    }
}

impl<'ast> Visit<'ast> for Module {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.import(&item.tree, &[], !matches!(item.vis, Visibility::Inherited));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        // A path of one segment names what is imported or defined in the file.
        if segments.len() > 1 {
            self.paths.push(segments);
        }
        visit::visit_path(self, path);
    }
}

fn joined(path: &[String], rest: &[String]) -> Segments {
    [path, rest].concat()
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

/// Returns the path of the module in a file, named relative to the crate's `src`.
fn module_of(file: &str) -> Segments {
    let mut path: Segments = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if path.last().is_some_and(|last| last == "mod") || ["lib.rs", "main.rs"].contains(&file) {
        path.pop();
    }
    path
}

/// Adds the sources in `folder` with their names relative to `src`. Tests may import from everywhere.
fn read_sources(src: &Path, folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if name != "tests" {
                read_sources(src, &path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !["tests.rs", "main.rs"].contains(&name)
        {
            let relative = path.strip_prefix(src).expect("a file in src");
            let relative = relative.to_str().expect("UTF-8").to_owned();
            found.push((relative, std::fs::read_to_string(&path).expect("a source file")));
        }
    }
}

/// Adds the `src` folders of the crates in `folder`.
fn find_crates(folder: &Path, found: &mut Vec<PathBuf>) {
    if folder.join("Cargo.toml").exists() {
        found.push(folder.join("src"));
        return;
    }
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            find_crates(&path, found);
        }
    }
}

#[test]
fn no_crate_has_an_import_cycle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the workspace");
    let mut crates = Vec::new();
    for folder in SOURCES {
        find_crates(&root.join(folder), &mut crates);
    }
    assert!(crates.len() > 20, "the workspace's crates: {}", crates.len());
    let mut imports = 0;
    let mut cycles = Vec::new();
    for src in crates.iter().filter(|src| src.exists()) {
        let mut files = Vec::new();
        read_sources(src, src, &mut files);
        let modules = Modules::parse(files.iter().map(|(file, source)| (file.as_str(), source.as_str())));
        imports += modules.imports().values().map(BTreeSet::len).sum::<usize>();
        cycles.extend(modules.cycle().map(|cycle| format!("{}: {}", src.display(), cycle.join(" -> "))));
    }
    assert!(imports > 300, "the imports between files: {imports}");
    assert!(cycles.is_empty(), "move what both files need into a third one:\n{}", cycles.join("\n"));
}

#[test]
fn finds_direct_and_indirect_cycles() {
    let cycle = |files: &[(&str, &str)]| {
        Modules::parse(files.iter().copied())
            .cycle()
            .map(|cycle| cycle.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    let direct = [("a.rs", "use crate::b::B; struct A;"), ("b.rs", "fn f(a: super::a::A) {} struct B;")];
    assert_eq!(cycle(&direct), Some(vec!["a.rs".to_owned(), "b.rs".to_owned(), "a.rs".to_owned()]));
    let reexported = [
        ("lib.rs", "mod a; mod b; pub use b::B;"),
        ("a.rs", "use crate::B; pub struct A;"),
        ("b.rs", "mod c;"),
        ("b/c.rs", "use crate::d;"),
        ("d.rs", "use crate::a::A as Other;"),
        ("b/mod.rs", "mod c; pub use c::*; use crate::d::D;"),
    ];
    assert!(cycle(&reexported[..3]).is_none());
    assert!(cycle(&[reexported[0], reexported[1], reexported[5], reexported[4]]).is_some());
    let in_folders = [("x/mod.rs", "mod y;"), ("x/y.rs", "use super::super::z::Z;"), ("z.rs", "use crate::x::y::Y;")];
    assert!(cycle(&in_folders).is_some());
}

#[test]
fn accepts_imports_in_one_direction() {
    let files = [
        ("lib.rs", "mod a; mod b; use a::A; pub use b::B;"),
        ("a.rs", "use crate::b::B; use std::fmt; #[cfg(test)] mod tests { use crate::c::C; }"),
        ("b.rs", "pub struct B; fn f() { serde_json::to_string(&B); }"),
        ("c.rs", "use crate::a::A; mod inner { use super::super::b::B; }"),
    ];
    let modules = Modules::parse(files);
    assert_eq!(modules.cycle(), None);
    assert_eq!(modules.imports().get("c.rs").map(BTreeSet::len), Some(2));
}
