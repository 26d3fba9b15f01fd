//! List prices of AWS in us-east-1, with their sources.

/// The day on which the prices were read.
pub const READ_ON: &str = "2026-11-30";

/// A list price.
#[derive(Clone, Copy, Debug)]
pub struct Price {
    /// Name of the unit.
    pub unit: &'static str,
    /// Price in US dollars of `count` units.
    pub usd: f64,
    /// Number of units that `usd` is the price of.
    pub count: f64,
    /// Units a month that cost nothing, for every account and without an end.
    pub free: f64,
    /// Page that the price is from.
    pub source: &'static str,
}

impl Price {
    /// Returns the price of `quantity` units.
    pub fn of(&self, quantity: f64) -> f64 {
        quantity * self.usd / self.count
    }
}

const DYNAMODB: &str = "https://aws.amazon.com/dynamodb/pricing/on-demand/";
const LAMBDA: &str = "https://aws.amazon.com/lambda/pricing/";
const SQS: &str = "https://aws.amazon.com/sqs/pricing/";
const CLOUDWATCH: &str = "https://aws.amazon.com/cloudwatch/pricing/";

/// A write request unit of a table on demand.
pub const WRITE: Price = Price { unit: "write unit", usd: 0.625, count: 1e6, free: 0.0, source: DYNAMODB };
/// A read request unit of a table on demand.
pub const READ: Price = Price { unit: "read unit", usd: 0.125, count: 1e6, free: 0.0, source: DYNAMODB };
/// Storage of a table.
pub const STORAGE: Price = Price { unit: "GB-month of storage", usd: 0.25, count: 1.0, free: 25.0, source: DYNAMODB };
/// Point-in-time recovery.
pub const RECOVERY: Price =
    Price { unit: "GB-month of point-in-time recovery", usd: 0.20, count: 1.0, free: 0.0, source: DYNAMODB };
/// An invocation of a function.
pub const INVOCATION: Price = Price { unit: "invocation", usd: 0.20, count: 1e6, free: 1e6, source: LAMBDA };
/// Duration of functions on arm64.
pub const DURATION: Price =
    Price { unit: "GB-second (arm64)", usd: 0.000_013_333_4, count: 1.0, free: 400_000.0, source: LAMBDA };
/// A call of an HTTP API, up to 512 KB.
pub const CALL: Price = Price {
    unit: "call of the HTTP API",
    usd: 1.00,
    count: 1e6,
    free: 0.0,
    source: "https://aws.amazon.com/api-gateway/pricing/",
};
/// A request to a standard queue, up to 64 KB.
pub const QUEUE: Price = Price { unit: "queue request", usd: 0.40, count: 1e6, free: 1e6, source: SQS };
/// Additional price of a request whose messages have groups (fair queues).
pub const FAIR_QUEUE: Price =
    Price { unit: "queue request with message groups, additionally", usd: 0.10, count: 1e6, free: 0.0, source: SQS };
/// Log data.
pub const LOGS: Price = Price { unit: "GB of logs", usd: 0.50, count: 1.0, free: 5.0, source: CLOUDWATCH };
/// A metric that an alarm watches.
pub const ALARM: Price =
    Price { unit: "metric of an alarm, a month", usd: 0.10, count: 1.0, free: 10.0, source: CLOUDWATCH };
/// A metric that an event source mapping reports of its events: as custom metrics. One counts the events that were read, and
/// is reported also if there are none (`PolledEventCount`).
pub const METRIC: Price =
    Price { unit: "custom metric, a month", usd: 0.30, count: 1.0, free: 10.0, source: CLOUDWATCH };
/// A secret.
pub const SECRET: Price = Price {
    unit: "secret, a month",
    usd: 0.40,
    count: 1.0,
    free: 0.0,
    source: "https://aws.amazon.com/secrets-manager/pricing/",
};
/// Data sent to the internet.
pub const TRANSFER: Price = Price {
    unit: "GB sent to the internet",
    usd: 0.09,
    count: 1.0,
    free: 100.0,
    source: "https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer",
};
/// An upload of a file.
pub const UPLOAD: Price =
    Price { unit: "file stored in S3", usd: 5.00, count: 1e6, free: 0.0, source: "https://aws.amazon.com/s3/pricing/" };

/// Every price.
pub const ALL: [Price; 16] = [
    CALL, INVOCATION, DURATION, WRITE, READ, STORAGE, RECOVERY, QUEUE, FAIR_QUEUE, LOGS, ALARM, METRIC, SECRET,
    TRANSFER, UPLOAD, EVENT,
];

/// An invocation on schedule: without charge for rules of the default event bus.
pub const EVENT: Price = Price {
    unit: "scheduled invocation",
    usd: 0.0,
    count: 1.0,
    free: 0.0,
    source: "https://aws.amazon.com/eventbridge/pricing/",
};
