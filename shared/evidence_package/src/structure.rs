//! The logical structure of a document, in which assistive technology finds what is a heading, a table or a figure.

/// Index of a node of a [`Structure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeId(usize);

/// Index of content on a page that belongs to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MarkId(pub(crate) usize);

/// The role of a node.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Role {
    /// A part of the document.
    Section,
    /// A heading of a level, from one.
    Heading(u16, String),
    /// A paragraph.
    Paragraph,
    /// A table.
    Table,
    /// A row of a table.
    Row,
    /// The heading of a column.
    HeaderCell,
    /// A cell.
    Cell,
    /// A picture, with its description.
    Figure(String),
}

/// A child of a node.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Child {
    /// Another node.
    Node(NodeId),
    /// Content on a page.
    Mark(MarkId),
}

/// A node.
#[derive(Debug)]
pub(crate) struct Node {
    /// Role.
    pub(crate) role: Role,
    /// Children in reading order.
    pub(crate) children: Vec<Child>,
}

/// The tree of nodes.
#[derive(Debug)]
pub(crate) struct Structure {
    nodes: Vec<Node>,
    marks: usize,
}

impl Structure {
    /// Node of the whole document.
    pub(crate) const ROOT: NodeId = NodeId(0);

    /// Creates the structure of an empty document.
    pub(crate) fn new() -> Self {
        Self { nodes: vec![Node { role: Role::Section, children: Vec::new() }], marks: 0 }
    }

    /// Adds a node to `parent`.
    pub(crate) fn add(&mut self, parent: NodeId, role: Role) -> NodeId {
        let id = NodeId(self.nodes.len());
        self.nodes.push(Node { role, children: Vec::new() });
        self.nodes[parent.0].children.push(Child::Node(id));
        id
    }

    /// Adds content to `parent`.
    pub(crate) fn mark(&mut self, parent: NodeId) -> MarkId {
        let id = MarkId(self.marks);
        self.marks += 1;
        self.nodes[parent.0].children.push(Child::Mark(id));
        id
    }

    /// Returns a node.
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    /// Returns the number of marks.
    pub(crate) fn mark_count(&self) -> usize {
        self.marks
    }
}
