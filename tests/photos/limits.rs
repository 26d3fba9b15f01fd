//! Limits of photos: format, size, pixels, and the time and memory that they cost.

use super::{
    MAX_PHOTO_SIZE, files_in, holding, jpeg, lead_with, only_field, path_of, picture, png, shown, url_of, webp,
};
use crate::harness::{Binary, Caller, options, server, unlimited_server};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{Rgb, RgbImage};
use local::{LocalServer, ServerOptions};
use serde_json::json;
use std::time::{Duration, Instant};

/// Returns a PNG that declares another size.
fn claiming(width: u32, height: u32) -> Vec<u8> {
    let mut file = png(&picture(8, 8));
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = !file[12..29].iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    });
    file[29..33].copy_from_slice(&checksum.to_be_bytes());
    file
}

/// Returns a JPEG that declares 60,000 × 60,000 pixels.
fn claiming_jpeg() -> Vec<u8> {
    let mut file = jpeg(&picture(8, 8));
    let frame = file.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    file[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_photos_name_the_field() {
    let folder = tempfile::tempdir().unwrap();
    let server = LocalServer::start(ServerOptions {
        data: Some(folder.path().to_owned()),
        demo_limits: Some(domain::accounts::rate_limit::Limits::UNLIMITED),
        ..options()
    });
    let server = server.await.unwrap();
    let caller = Caller::lead_rescue(&server);
    let whole = [jpeg(&picture(200, 100)), png(&picture(200, 100)), webp(&picture(200, 100))];
    let broken = whole.iter().flat_map(|file| [&file[..file.len() / 2], &file[..20], &file[..3]]).map(<[u8]>::to_vec);
    let moving = b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\0\0\0\0\0\0ANIM\0\0\0\0".to_vec();
    let others = [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec(),
        b"<!doctype html><script>alert(1)</script>".to_vec(),
        b"%PDF-1.7".to_vec(),
        b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff;".to_vec(),
        b"\xff\xd8\xff\xe0<?php phpinfo(); ?>".to_vec(),
        b"\0".repeat(1_000),
        moving,
        claiming(60_000, 60_000),
        claiming(12_001, 1),
        claiming(8_000, 5_001),
        claiming_jpeg(),
        vec![0xff; MAX_PHOTO_SIZE + 1],
    ];
    for file in broken.chain(others) {
        let start = String::from_utf8_lossy(&file[..file.len().min(24)]).into_owned();
        let reply = caller.post("/v1/leads", holding(&file)).await;
        assert_eq!(only_field(&reply).0, "license_photo_b64", "{start}");
    }
    let large = only_field(&caller.post("/v1/leads", holding(&vec![0xff; MAX_PHOTO_SIZE + 1])).await).1;
    assert!(large.contains("4194304"), "{large}");
    let sides = only_field(&caller.post("/v1/leads", holding(&claiming(60_000, 60_000))).await).1;
    assert!(sides.contains("40000000") && sides.contains("12000"), "{sides}");
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    let advice = only_field(&caller.post("/v1/leads", holding(heic)).await).1;
    assert!(advice.contains("HEIC") && advice.contains("converted"), "{advice}");
    for text in [json!("..."), json!("not base64!"), json!("data:image/png;base64,"), json!("AAAA===="), json!("åäö")]
    {
        assert_eq!(
            only_field(&caller.post("/v1/leads", lead_with(text.clone())).await).0,
            "license_photo_b64",
            "{text}"
        );
    }
    for value in [json!(1), json!(true), json!([]), json!({ "url": "https://example.com/a.jpg" })] {
        assert_eq!(only_field(&caller.post("/v1/leads", lead_with(value)).await).0, "license_photo_b64");
    }
    let both = json!({ "customer_name": "Anna", "license_photo_b64": 1 });
    let both = caller.post("/v1/leads", both).await.expect(400);
    assert_eq!(both["error"]["fields"].as_object().unwrap().keys().collect::<Vec<_>>(), ["license_photo_b64", "phone"]);
    assert_eq!(caller.get("/v2/leads").await.expect(200)["data"], json!([]), "no lead came of it");
    assert_eq!(files_in(folder.path()), [] as [std::path::PathBuf; 0], "and no file");
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_are_limited_to_4_mib() {
    let server = unlimited_server().await;
    let caller = Caller::lead_rescue(&server);
    let mut file = jpeg(&picture(640, 480));
    file.resize(MAX_PHOTO_SIZE, b' ');
    let text = STANDARD.encode(&file);
    let in_lines: Vec<_> = text.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let made = caller.post("/v1/leads", lead_with(in_lines.join("\r\n"))).await.expect(201);
    assert_eq!(shown(&caller, &made).await.dimensions(), (640, 480));
    let (_, kept) = caller.download(url_of(&made)).await;
    assert!(kept.len() < 100_000, "what followed the picture is gone");
    let reply = caller.post("/v1/leads", lead_with("A".repeat(5_900_000))).await;
    assert_eq!(reply.expect(413)["error"]["code"], "PAYLOAD_TOO_LARGE");
    let path = path_of(&made);
    let body = json!({ "status": "converted", "more": "x".repeat(1_100_000) });
    caller.patch(&path, body).await.expect(413);
}

/// Photos of forty megapixels take half a second each. Those of one tenant wait for each other, not for the permits of all.
#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_photos_do_not_block_others() {
    let server = unlimited_server().await;
    let (busy, other) = (Caller::lead_rescue(&server), Caller::native(&server));
    let large = png(&RgbImage::from_pixel(6_400, 6_200, Rgb([9, 9, 9])));
    let many = futures_util::future::join_all((0..20).map(|_| busy.post("/v1/leads", holding(&large))));
    let one = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let started = Instant::now();
        other.post("/v1/leads", holding(&jpeg(&picture(64, 64)))).await.expect(201);
        started.elapsed()
    };
    let started = Instant::now();
    let (replies, took) = tokio::join!(many, one);
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert!(started.elapsed() < Duration::from_secs(25), "{:?}", started.elapsed());
    let created = replies.iter().filter(|reply| reply.status == 201).count();
    assert!((1..20).contains(&created), "{created}");
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        assert_eq!(reply.status, 503, "{}", reply.text);
        assert!((1..=10).contains(&reply.header("retry-after").parse::<u64>().unwrap()), "{:?}", reply.headers);
    }
}

/// A progressive JPEG of 200 bytes that declares forty megapixels.
#[tokio::test(flavor = "multi_thread")]
async fn a_tiny_photo_of_many_pixels_is_cheap() {
    let server = server().await;
    let caller = Caller::lead_rescue(&server);
    let segment =
        |marker: u8, content: &[u8]| [&[0xff, marker, 0, u8::try_from(content.len() + 2).unwrap()], content].concat();
    let mut file = vec![0xff, 0xd8];
    file.extend(segment(0xdb, &[&[0][..], &[1; 64]].concat()));
    file.extend(segment(0xc2, &[8, 0x18, 0x9c, 0x18, 0x9c, 1, 1, 0x11, 0]));
    file.extend(segment(0xc4, &[&[0, 1][..], &[0; 15], &[0]].concat()));
    file.extend(segment(0xda, &[1, 1, 0, 0, 0, 0]));
    file.extend([0, 0, 0, 0, 0xff, 0xd9]);
    let started = Instant::now();
    let reply = caller.post("/v1/leads", holding(&file)).await;
    assert_eq!(only_field(&reply).0, "license_photo_b64");
    assert!(started.elapsed() < Duration::from_millis(500), "{:?} for {} bytes", started.elapsed(), file.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn decompression_bombs_use_bounded_memory() {
    let folder = tempfile::tempdir().unwrap();
    let binary = Binary::start(folder.path(), &["--unlimited"]).await;
    let key = binary.credentials["leadRescue"]["apiKey"].as_str().unwrap();
    let caller = binary.native().with_key(key);
    // Forty megapixels of one colour, compressed to some hundred kilobytes.
    let large_picture = png(&RgbImage::from_pixel(6_400, 6_250, Rgb([9, 9, 9])));
    assert!(large_picture.len() < MAX_PHOTO_SIZE, "{}", large_picture.len());
    let calls = (0..8).map(|number| {
        let (caller, large_picture) = (&caller, &large_picture);
        async move {
            match number % 4 {
                0 => loop {
                    let status = caller.post("/v1/leads", holding(large_picture)).await.status;
                    // On a busy machine the second may have to be sent again, as 503 asks for.
                    if status != 503 {
                        break status;
                    }
                },
                1 => caller.post("/v1/leads", holding(&claiming(60_000, 60_000))).await.status,
                2 => caller.post("/v1/leads", holding(&claiming(8_000, 5_001))).await.status,
                _ => caller.post("/v1/leads", holding(&claiming_jpeg())).await.status,
            }
        }
    });
    let statuses = futures_util::future::join_all(calls).await;
    assert_eq!(statuses, [201, 400, 400, 400, 201, 400, 400, 400]);
    let peak = binary.peak_memory() / 1024 / 1024;
    assert!(peak < 800, "{peak} MB for two of 120 MB each at a time");
    binary.kill().await;
}
