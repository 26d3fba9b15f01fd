//! The whole house in one process, and the operator's command line.
