//! Faults between the SDK and the database, for tests.

/// Makes operations of the database fail.
pub trait FaultInjector: Send + Sync + 'static {
    /// Called before `operation` is executed. A returned status and body are the response, and the operation is not
    /// executed.
    fn before(&self, operation: &str, body: &str) -> Option<(u16, String)>;

    /// Called after `operation` was executed. A returned status and body replace the database's response, as when a
    /// response is lost.
    fn after(&self, operation: &str, body: &str) -> Option<(u16, String)>;
}
