//! The verification code of the webhook guide, run as it stands there: it accepts the deliveries of every contract, and
//! nothing else.

use crate::harness::{Caller, DELIVERY_TIMEOUT, Received, Receiver, programs, server};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// Each contract with its signature header, and the header whose value precedes the body in what is signed.
const CONTRACTS: [(&str, &str, Option<&str>); 4] = [
    ("native", "x-signature", None),
    ("revenueDefenders", "x-revenuedefenders-signature", None),
    ("leadRescue", "x-leadrescue-signature", None),
    ("vendorPad", "x-vendorpad-signature", Some("x-vendorpad-timestamp")),
];

/// Returns the code block under a heading of the guide.
fn guide_code(heading: &str) -> String {
    let guide = std::fs::read_to_string(programs::tests_folder().join("../docs/guides/webhooks.md")).unwrap();
    let (_, section) = guide.split_once(&format!("\n### {heading}\n")).unwrap_or_else(|| panic!("no {heading}"));
    let (_, code) = section.split_once("```").unwrap();
    let (_, code) = code.split_once('\n').unwrap();
    code.split_once("\n```").unwrap().0.to_owned()
}

/// Returns a delivery with the secret, and what the contract's own header signs, as the programs read it.
fn question(received: &Received, secret: &str, header: &str, timestamp: Option<&str>) -> Value {
    let mut question = programs::shown_to_programs(received);
    let body = question["body"].as_str().unwrap().to_owned();
    let signed = timestamp.map_or(body.clone(), |name| format!("{}.{body}", received.header(name)));
    question["secret"] = secret.into();
    question["signature"] = received.header(header).into();
    question["signed"] = signed.into();
    question
}

/// Returns the deliveries of one event in every contract, each as it came, and altered in every way that must be
/// detected; with the expected verdicts of both functions.
async fn questions(native: &Caller) -> Vec<(Value, [bool; 2])> {
    let mut all = Vec::new();
    for (contract, header, timestamp) in CONTRACTS {
        let receiver = Receiver::new().await;
        let body = json!({ "url": receiver.url, "events": ["lead.created"], "contract": contract });
        let created = native.post("/v2/webhooks", body).await.expect(201);
        native.post("/v2/leads", json!({ "name": "Zoë Åkesson", "email": "zoe@example.com" })).await.expect(201);
        let received = receiver.wait_for(1, DELIVERY_TIMEOUT).await.remove(0);
        let genuine = question(&received, created["secret"].as_str().unwrap(), header, timestamp);
        let altered = |changes: &[(&str, Value)]| {
            let mut altered = genuine.clone();
            for (pointer, value) in changes {
                *altered.pointer_mut(pointer).unwrap() = value.clone();
            }
            altered
        };
        let other_secret = format!("whsec_{}", "A".repeat(43) + "=");
        all.extend([
            (altered(&[("/body", json!("{}")), ("/signed", json!("{}"))]), [false, false]),
            (altered(&[("/secret", json!(other_secret))]), [false, false]),
            (altered(&[("/headers/webhook-id", json!("another"))]), [false, true]),
            (altered(&[("/headers/webhook-signature", json!("v1,"))]), [false, true]),
            (altered(&[("/signature", json!("sha256="))]), [true, false]),
        ]);
        all.push((genuine, [true, true]));
    }
    all
}

/// Runs a program of the guide's code in `folder` on every question, and compares the verdicts.
fn assert_verdicts(mut command: Command, questions: &[(Value, [bool; 2])]) {
    let shown: Vec<_> = questions.iter().map(|(question, _)| question).collect();
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    let name = format!("{command:?}");
    let verdicts = programs::ask(command, &json!(shown));
    for (index, (question, expected)) in questions.iter().enumerate() {
        assert_eq!(verdicts[index], json!(expected), "{name}: {question}");
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
}

const NODE: &str = r#"
import { readFileSync } from "node:fs";
import { verifyStandardWebhooks, verifyContractSignature } from "./verify.mjs";
const verdicts = JSON.parse(readFileSync(0, "utf8")).map((asked) => [
  verifyStandardWebhooks(asked.headers, Buffer.from(asked.body), asked.secret),
  verifyContractSignature(asked.signature, asked.signed, asked.secret),
]);
console.log(JSON.stringify(verdicts));
"#;

const PYTHON: &str = r#"
import json, sys
from verify import verify_contract_signature, verify_standard_webhooks
print(json.dumps([[
    verify_standard_webhooks(asked["headers"], asked["body"].encode(), asked["secret"]),
    verify_contract_signature(asked["signature"], asked["signed"].encode(), asked["secret"]),
] for asked in json.load(sys.stdin)]))
"#;

const PHP: &str = r"<?php
require 'verify.php';
$verdicts = [];
foreach (json_decode(file_get_contents('php://stdin'), true) as $asked) {
    $verdicts[] = [
        verify_standard_webhooks($asked['headers'], $asked['body'], $asked['secret']),
        verify_contract_signature($asked['signature'], $asked['signed'], $asked['secret']),
    ];
}
echo json_encode($verdicts);
";

const RUBY: &str = include_str!("fixtures/webhook_guide/run.rb");
const GO: &str = include_str!("fixtures/webhook_guide/run.go");
const JAVA: &str = include_str!("fixtures/webhook_guide/Run.java");
const CSHARP: &str = include_str!("fixtures/webhook_guide/Run.cs");

/// Returns the questions for programs without a parser of JSON: five lines each, in base64.
fn as_lines(questions: &[(Value, [bool; 2])]) -> String {
    let mut lines = String::new();
    for (question, _) in questions {
        let header = |(name, value): (&String, &Value)| format!("{name}: {}", value.as_str().unwrap());
        let headers: Vec<_> = question["headers"].as_object().unwrap().iter().map(header).collect();
        let text = |name: &str| question[name].as_str().unwrap().to_owned();
        for value in [headers.join("\n"), text("body"), text("secret"), text("signature"), text("signed")] {
            lines.push_str(&STANDARD.encode(value));
            lines.push('\n');
        }
    }
    lines
}

/// Compiles a program of the guide's code, runs it on every question, and compares the verdicts.
fn assert_compiled_verdicts(mut compile: Command, run: Command, questions: &[(Value, [bool; 2])]) {
    assert!(compile.status().unwrap().success(), "{compile:?} failed");
    let name = format!("{run:?}");
    let output = String::from_utf8(programs::ask_text(run, &as_lines(questions))).unwrap();
    assert_eq!(output.lines().count(), questions.len(), "{name}");
    for (line, (question, [standard, own])) in output.lines().zip(questions) {
        assert_eq!(line, format!("{standard} {own}"), "{name}: {question}");
    }
}

/// Checks the code in languages that are compiled.
fn check_compiled_languages(path: &Path, questions: &[(Value, [bool; 2])]) {
    write(path, "Webhooks.java", &guide_code("Java"));
    write(path, "Run.java", JAVA);
    if let Some((mut compiler, mut java)) = programs::java() {
        compiler.current_dir(path).args(["-d", "java", "Webhooks.java", "Run.java"]);
        java.current_dir(path).args(["-cp", "java", "Run"]);
        assert_compiled_verdicts(compiler, java, questions);
    }
    write(path, "Webhooks.cs", &guide_code("C#"));
    write(path, "Run.cs", CSHARP);
    if let Some((mut compiler, mut mono)) = programs::mono() {
        let options = ["-langversion:7", "-r:System.Core", "-out:run.exe", "Webhooks.cs", "Run.cs"];
        compiler.current_dir(path).args(options);
        mono.current_dir(path).arg("run.exe");
        assert_compiled_verdicts(compiler, mono, questions);
    }
}

/// Returns a command that compiles and runs the guide's Go code in `folder`.
fn go(folder: &Path) -> Option<Command> {
    write(folder, "verify.go", &guide_code("Go"));
    write(folder, "run.go", GO);
    programs::go().map(|mut go| {
        // No module and no download: the code needs the standard library alone.
        go.current_dir(folder).args(["run", "verify.go", "run.go"]);
        go.env("GO111MODULE", "off").env("GOTOOLCHAIN", "local").env("GOCACHE", folder.join("go-cache"));
        go
    })
}

/// Runs one of the shell functions of the guide, whose arguments are those of this program.
const SHELL: &str = r#"
. "$1/verify.sh"
shift
"$@"
"#;

/// Returns the verdicts of the guide's shell functions.
fn shell_verdicts(folder: &Path, question: &Value) -> [bool; 2] {
    let text = |pointer: &str| question.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    write(folder, "body", &text("/body"));
    write(folder, "signed", &text("/signed"));
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let run = |arguments: &[String]| {
        let shell = Command::new("sh").args(["-c", SHELL, "sh", folder.to_str().unwrap()]).args(arguments).status();
        shell.unwrap().success()
    };
    let (headers, secret) = (|name: &str| text(&format!("/headers/webhook-{name}")), text("/secret"));
    let standard = [headers("id"), headers("timestamp"), headers("signature"), file("body"), secret.clone()];
    [
        run(&[&["verify_standard_webhooks".to_owned()], &standard[..]].concat()),
        run(&["verify_contract_signature".to_owned(), text("/signature"), file("signed"), secret]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn code_of_the_webhook_guide_verifies_deliveries() {
    let server = server().await;
    let questions = questions(&Caller::native(&server)).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let in_folder = |command: Option<Command>, file: &str| {
        command.map(|mut command| {
            command.current_dir(path).arg(file);
            command
        })
    };
    write(path, "verify.mjs", &guide_code("Node.js"));
    write(path, "run.mjs", NODE);
    write(path, "verify.py", &guide_code("Python"));
    write(path, "run.py", PYTHON);
    write(path, "verify.php", &guide_code("PHP"));
    write(path, "run.php", PHP);
    write(path, "verify.rb", &guide_code("Ruby"));
    write(path, "run.rb", RUBY);
    write(path, "verify.sh", &guide_code("Shell"));
    let programs = [
        in_folder(programs::node(), "run.mjs"),
        in_folder(programs::python(), "run.py"),
        in_folder(programs::php(), "run.php"),
        in_folder(programs::ruby(), "run.rb"),
        go(path),
    ];
    for program in programs.into_iter().flatten() {
        assert_verdicts(program, &questions);
    }
    check_compiled_languages(path, &questions);
    for (question, expected) in &questions {
        assert_eq!(shell_verdicts(path, question), *expected, "shell: {question}");
    }
}
