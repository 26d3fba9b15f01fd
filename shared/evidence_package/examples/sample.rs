//! Renders a sample: `cargo run -p evidence_package --example sample -- out.pdf [common|scripts|bare|NUMBER] [PROFILE]`.
//! With a number, the case has as many exhibits. Prints the time, the number of pages and what was left out.

#![expect(clippy::print_stdout, reason = "a command")]

#[path = "../tests/render/cases/mod.rs"]
mod cases;

use cases::Case;
use domain::disputes::package::network_profile::NetworkProfile;
use evidence_package::{RenderContext, render};
use std::error::Error;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("the first argument is the file to write")?;
    let case: Case = match arguments.next().as_deref() {
        None | Some("common") => cases::common(),
        Some("scripts") => cases::scripts(),
        Some("bare") => cases::bare(),
        Some(number) => cases::many(number.parse()?),
    };
    let profile = match arguments.next() {
        None => NetworkProfile::default(),
        Some(name) => *NetworkProfile::ALL.iter().find(|profile| profile.name() == name).ok_or("no such profile")?,
    };
    let begin = Instant::now();
    let context = RenderContext { files: &case.files, stop: &|| false };
    let package = render(&case.content, profile, &context)?;
    println!(
        "{} pages, {} bytes, {:?}, {} left out",
        package.page_count,
        package.pdf.len(),
        begin.elapsed(),
        package.left_out().count()
    );
    std::fs::write(path, package.pdf)?;
    Ok(())
}
