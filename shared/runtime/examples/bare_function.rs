//! An HTTP function that does nothing: the cost of Lambda's runtime itself, for `benches/cold_start.rs`.

use lambda_http::{Error, Request, Response, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_http::run(service_fn(|_: Request| async { Ok::<_, Error>(Response::new("nothing".to_owned())) })).await
}
