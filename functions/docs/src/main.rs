//! The `docs` function under Lambda.

use runtime::{HttpAdapter, SystemClock};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    runtime::serve(HttpAdapter::new(docs::routes().with(()), Arc::new(SystemClock))).await
}
