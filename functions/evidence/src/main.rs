//! The `evidence` function under Lambda.

use evidence::Exhibits;
use runtime::{Endpoint, House};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    runtime::start_logging();
    let house = House::from_env()?;
    let gate = house.gate(&house.masters().await?)?;
    let router = evidence::routes().with(Exhibits::new(gate, house.blobs()?));
    runtime::serve(Endpoint::new(router, house.clock)).await
}
