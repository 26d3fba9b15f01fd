//! Operations as values have the results that the SDK gives for the same operations as requests.

use super::*;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue as Value, BillingMode, ConditionCheck, ConditionalOperator, Delete,
    GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType, Put, ReturnConsumedCapacity,
    ReturnItemCollectionMetrics, ReturnValue, ReturnValuesOnConditionCheckFailure, ScalarAttributeType,
    TransactWriteItem, Update,
};
use std::fmt::Debug;

const TABLE: &str = "things";
const INDEX: &str = "group";

/// Two databases with the same items: one for the SDK, and one for operations as values.
struct Databases {
    sdk: Client,
    in_process: Database,
    _folder: tempfile::TempDir,
}

impl Databases {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let open = |name: &str| Database::open(&folder.path().join(name), None, None).unwrap();
        let in_process = open("values.db");
        let sdk = sdk_client(&open("requests.db"));
        for client in [&sdk, &sdk_client(&in_process)] {
            create_table(client).await;
        }
        Self { sdk, in_process, _folder: folder }
    }
}

fn sdk_client(database: &Database) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .endpoint_url("http://database.invalid")
        .allow_no_auth()
        .http_client(database.http_client());
    Client::from_conf(config.build())
}

async fn create_table(client: &Client) {
    let attribute = |name: &str| {
        AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build().unwrap()
    };
    let key = |name: &str, of| KeySchemaElement::builder().attribute_name(name).key_type(of).build().unwrap();
    let index = GlobalSecondaryIndex::builder()
        .index_name(INDEX)
        .key_schema(key("group", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::All).build());
    let table = client
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(["pk", "sk", "group"].map(attribute).into()))
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .global_secondary_indexes(index.build().unwrap());
    table.send().await.unwrap();
}

/// Asserts that both results are equal, and returns the output, or the code of the error.
fn assert_equal<T, E>(requested: Result<T, SdkError<E>>, executed: Result<T, SdkError<E>>) -> Result<T, String>
where
    T: Debug + PartialEq,
    E: Debug + ProvideErrorMetadata,
{
    match (requested, executed) {
        (Ok(requested), Ok(executed)) => {
            assert_eq!(executed, requested);
            Ok(executed)
        }
        (Err(requested), Err(executed)) => {
            assert_eq!((executed.code(), executed.message()), (requested.code(), requested.message()));
            assert_eq!(
                executed.raw_response().map(HttpResponse::status),
                requested.raw_response().map(HttpResponse::status)
            );
            Err(executed.code().expect("a code").to_owned())
        }
        (requested, executed) => panic!("{requested:?} as a request, {executed:?} as a value"),
    }
}

/// Executes `$builder` by both databases and compares the results.
macro_rules! both {
    ($databases:ident, $operation:ident, $builder:expr) => {{
        let builder = $builder;
        let requested = builder.clone().send_with(&$databases.sdk).await;
        let executed = $databases.in_process.$operation(builder.build().unwrap()).await;
        assert_equal(requested, executed)
    }};
}

fn text(text: &str) -> Value {
    Value::S(text.to_owned())
}

fn number(number: i64) -> Value {
    Value::N(number.to_string())
}

fn key(sk: &str) -> SdkItem {
    SdkItem::from([("pk".to_owned(), text("a")), ("sk".to_owned(), text(sk))])
}

/// Returns an item with an attribute of every type.
fn thing(sk: &str) -> SdkItem {
    let mut item = key(sk);
    let members = HashMap::from([("inner".to_owned(), Value::L(vec![number(1), Value::M(HashMap::new())]))]);
    for (name, value) in [
        ("group", text("g")),
        ("n", Value::N("01.50".to_owned())),
        ("bytes", Value::B(Blob::new([0, 255]))),
        ("yes", Value::Bool(true)),
        ("nothing", Value::Null(true)),
        ("texts", Value::Ss(vec!["x".to_owned(), "y".to_owned()])),
        ("numbers", Value::Ns(vec!["2".to_owned(), "10".to_owned()])),
        ("blobs", Value::Bs(vec![Blob::new([1])])),
        ("members", Value::M(members)),
    ] {
        item.insert(name.to_owned(), value);
    }
    item
}

fn put(item: SdkItem) -> aws_sdk_dynamodb::operation::put_item::builders::PutItemInputBuilder {
    PutItemInput::builder().table_name(TABLE).set_item(Some(item))
}

fn update(sk: &str) -> aws_sdk_dynamodb::operation::update_item::builders::UpdateItemInputBuilder {
    UpdateItemInput::builder()
        .table_name(TABLE)
        .set_key(Some(key(sk)))
        .update_expression("SET #n = #n + :one")
        .expression_attribute_names("#n", "n")
        .expression_attribute_values(":one", number(1))
}

#[tokio::test]
async fn single_writes_have_equal_results() {
    let databases = Databases::new().await;
    for _ in 0..2 {
        both!(databases, put_item, put(thing("1")).return_values(ReturnValue::AllOld)).unwrap();
    }
    let create = put(thing("1"))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    assert_eq!(both!(databases, put_item, create.clone()).unwrap_err(), "ConditionalCheckFailedException");
    let failed = databases.in_process.put_item(create.build().unwrap()).await.unwrap_err().into_service_error();
    let PutItemError::ConditionalCheckFailedException(failed) = failed else { panic!("{failed:?}") };
    assert_eq!(failed.item.expect("the stored item")["bytes"], Value::B(Blob::new([0, 255])));

    let updated = both!(databases, update_item, update("1").return_values(ReturnValue::AllNew)).unwrap();
    assert_eq!(updated.attributes.expect("the item")["n"], Value::N("2.5".to_owned()));
    both!(databases, update_item, update("2")).unwrap_err();
    let conditional = update("1").condition_expression("#n = :one");
    assert_eq!(both!(databases, update_item, conditional).unwrap_err(), "ConditionalCheckFailedException");

    let delete = DeleteItemInput::builder().table_name(TABLE).set_key(Some(key("1")));
    let conditional = delete.clone().condition_expression("attribute_not_exists(pk)");
    assert_eq!(both!(databases, delete_item, conditional).unwrap_err(), "ConditionalCheckFailedException");
    let deleted = both!(databases, delete_item, delete.return_values(ReturnValue::AllOld)).unwrap();
    assert!(deleted.attributes.is_some());
}

#[tokio::test]
async fn invalid_writes_have_equal_errors() {
    let databases = Databases::new().await;
    let with = |name: &str, value: Value| {
        let mut item = key("1");
        item.insert(name.to_owned(), value);
        item
    };
    let too_large = with("text", text(&"x".repeat(400 * 1_024)));
    for item in [
        too_large,
        with("sk", text("")),
        with("sk", number(1)),
        with("n", Value::N("one".to_owned())),
        with("texts", Value::Ss(Vec::new())),
        SdkItem::from([("pk".to_owned(), text("a"))]),
    ] {
        let requested = put(item.clone()).send_with(&databases.sdk).await.map(drop);
        let executed = databases.in_process.put_item(put(item).build().unwrap()).await.map(drop);
        let code =
            |result: Result<(), SdkError<PutItemError>>| result.err().map(|error| error.code().map(str::to_owned));
        let executed = code(executed);
        assert!(executed.is_some());
        assert_eq!(executed, code(requested));
    }
    let elsewhere = both!(databases, put_item, put(key("1")).table_name("missing"));
    assert_eq!(elsewhere.unwrap_err(), "ResourceNotFoundException");
    both!(databases, update_item, update("1").expression_attribute_values(":unused", number(1))).unwrap_err();
}

#[tokio::test]
async fn reads_have_equal_results() {
    let databases = Databases::new().await;
    for sk in ["1", "2", "3", "4"] {
        both!(databases, put_item, put(thing(sk))).unwrap();
    }
    let get = |sk: &str| GetItemInput::builder().table_name(TABLE).set_key(Some(key(sk))).consistent_read(true);
    assert!(both!(databases, get_item, get("1")).unwrap().item.is_some());
    assert!(both!(databases, get_item, get("9")).unwrap().item.is_none());
    both!(databases, get_item, get("1").projection_expression("n, yes")).unwrap();

    let query = || {
        QueryInput::builder()
            .table_name(TABLE)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text("a"))
    };
    let page = both!(databases, query, query().limit(2)).unwrap();
    assert_eq!((page.count, page.last_evaluated_key.clone()), (2, Some(key("2"))));
    both!(databases, query, query().set_exclusive_start_key(page.last_evaluated_key)).unwrap();
    both!(databases, query, query().scan_index_forward(false).limit(3).consistent_read(true)).unwrap();
    let filtered = query().filter_expression("n > :n").expression_attribute_values(":n", number(2));
    let filtered = both!(databases, query, filtered).unwrap();
    assert_eq!((filtered.count, filtered.scanned_count), (0, 4));
    let range = query()
        .key_condition_expression("pk = :pk AND begins_with(#sk, :prefix)")
        .expression_attribute_names("#sk", "sk")
        .expression_attribute_values(":prefix", text("3"));
    assert_eq!(both!(databases, query, range).unwrap().count, 1);
    let of_index = QueryInput::builder()
        .table_name(TABLE)
        .index_name(INDEX)
        .key_condition_expression("#group = :group")
        .expression_attribute_names("#group", "group")
        .expression_attribute_values(":group", text("g"));
    assert_eq!(both!(databases, query, of_index.projection_expression("sk")).unwrap().count, 4);
    both!(databases, query, query().index_name("missing")).unwrap_err();

    let keys = KeysAndAttributes::builder().set_keys(Some(vec![key("1"), key("9")])).consistent_read(true);
    let batch = BatchGetItemInput::builder().request_items(TABLE, keys.build().unwrap());
    let found = both!(databases, batch_get_item, batch).unwrap();
    assert_eq!(found.responses.expect("a table")[TABLE].len(), 1);
}

#[tokio::test]
async fn transactions_have_equal_results() {
    let databases = Databases::new().await;
    for sk in ["1", "5"] {
        both!(databases, put_item, put(thing(sk))).unwrap();
    }
    let all_old = ReturnValuesOnConditionCheckFailure::AllOld;
    let create = |sk: &str| {
        let put = Put::builder()
            .table_name(TABLE)
            .set_item(Some(thing(sk)))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(all_old.clone());
        TransactWriteItem::builder().put(put.build().unwrap()).build()
    };
    let change = |sk: &str| {
        let update = Update::builder()
            .table_name(TABLE)
            .set_key(Some(key(sk)))
            .update_expression("SET n = n + :one")
            .expression_attribute_values(":one", number(1));
        TransactWriteItem::builder().update(update.build().unwrap()).build()
    };
    let check = |sk: &str| {
        let check = ConditionCheck::builder()
            .table_name(TABLE)
            .set_key(Some(key(sk)))
            .condition_expression("attribute_exists(pk)")
            .return_values_on_condition_check_failure(all_old.clone());
        TransactWriteItem::builder().condition_check(check.build().unwrap()).build()
    };
    let remove = |sk: &str| {
        let delete = Delete::builder().table_name(TABLE).set_key(Some(key(sk)));
        TransactWriteItem::builder().delete(delete.build().unwrap()).build()
    };
    let transaction = |writes: Vec<TransactWriteItem>| {
        TransactWriteItemsInput::builder().client_request_token("token").set_transact_items(Some(writes))
    };
    let cancelled = transaction(vec![create("2"), create("1"), check("9")]);
    assert_eq!(both!(databases, transact_write_items, cancelled.clone()).unwrap_err(), "TransactionCanceledException");
    let executed = databases.in_process.transact_write_items(cancelled.clone().build().unwrap()).await;
    let requested = cancelled.send_with(&databases.sdk).await;
    let reasons = |result: Result<_, SdkError<TransactWriteItemsError>>| {
        let error = result.map(|_: TransactWriteItemsOutput| ()).unwrap_err().into_service_error();
        let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { panic!("{error:?}") };
        cancelled.cancellation_reasons.expect("reasons")
    };
    let (executed, requested) = (reasons(executed), reasons(requested));
    assert_eq!(executed, requested);
    assert_eq!(executed[1].item.as_ref().expect("the stored item")["yes"], Value::Bool(true));

    for _ in 0..2 {
        let writes = vec![create("2"), change("1"), check("5"), remove("3")];
        both!(databases, transact_write_items, transaction(writes)).unwrap();
    }
    let get = GetItemInput::builder().table_name(TABLE).set_key(Some(key("1")));
    let changed = both!(databases, get_item, get).unwrap().item.expect("the item");
    assert_eq!(changed["n"], Value::N("2.5".to_owned()), "a repeated token has no second effect");
}

#[tokio::test]
async fn keys_that_a_batch_leaves_unprocessed_are_equal() {
    let databases = Databases::new().await;
    let names: Vec<_> = (10..60).map(|number| number.to_string()).collect();
    for name in &names {
        let mut item = key(name);
        item.insert("text".to_owned(), text(&"x".repeat(390 * 1_024)));
        for client in [&databases.sdk, &sdk_client(&databases.in_process)] {
            put(item.clone()).send_with(client).await.unwrap();
        }
    }
    let keys = KeysAndAttributes::builder().set_keys(Some(names.iter().map(|name| key(name)).collect()));
    let batch = BatchGetItemInput::builder().request_items(TABLE, keys.build().unwrap());
    let requested = batch.clone().send_with(&databases.sdk).await.unwrap();
    let executed = databases.in_process.batch_get_item(batch.build().unwrap()).await.unwrap();
    let sizes = |found: &BatchGetItemOutput| {
        let unprocessed = found.unprocessed_keys.as_ref().and_then(|tables| tables.get(TABLE));
        (found.responses.as_ref().unwrap()[TABLE].len(), unprocessed.map_or(0, |rest| rest.keys.len()))
    };
    assert_eq!(sizes(&executed), sizes(&requested));
    let (found, unprocessed) = sizes(&executed);
    assert!(unprocessed > 0 && found + unprocessed == names.len(), "more than 16 MB fit in no response");
}

#[tokio::test]
async fn parameters_that_are_not_supported_are_rejected() {
    let databases = Databases::new().await;
    let database = &databases.in_process;
    let total = ReturnConsumedCapacity::Total;
    let get = || GetItemInput::builder().table_name(TABLE).set_key(Some(key("1")));
    let delete = DeleteItemInput::builder().table_name(TABLE).set_key(Some(key("1")));
    let query = QueryInput::builder().table_name(TABLE);
    let keys = KeysAndAttributes::builder().keys(key("1")).attributes_to_get("n").build().unwrap();
    let transaction = TransactWriteItemsInput::builder();
    let size = ReturnItemCollectionMetrics::Size;
    let and = ConditionalOperator::And;
    macro_rules! assert_rejected {
        ($($operation:ident($builder:expr)),* $(,)?) => {
            $(let error = database.$operation($builder.build().unwrap()).await.unwrap_err();
            assert!(matches!(error, SdkError::ConstructionFailure(_)), "{error:?}");)*
        };
    }
    assert_rejected!(
        get_item(get().return_consumed_capacity(total.clone())),
        get_item(get().attributes_to_get("n")),
        put_item(put(key("1")).return_consumed_capacity(total.clone())),
        put_item(put(key("1")).return_item_collection_metrics(size.clone())),
        put_item(put(key("1")).conditional_operator(and.clone())),
        update_item(update("1").return_consumed_capacity(total.clone())),
        update_item(update("1").return_item_collection_metrics(size.clone())),
        update_item(update("1").conditional_operator(and.clone())),
        delete_item(delete.clone().return_consumed_capacity(total.clone())),
        delete_item(delete.clone().return_item_collection_metrics(size.clone())),
        delete_item(delete.conditional_operator(and.clone())),
        query(query.clone().return_consumed_capacity(total.clone())),
        query(query.clone().attributes_to_get("n")),
        query(query.clone().limit(-1)),
        query(query.conditional_operator(and)),
        batch_get_item(BatchGetItemInput::builder().request_items(TABLE, keys)),
        batch_get_item(BatchGetItemInput::builder().return_consumed_capacity(total.clone())),
        transact_write_items(transaction.clone().return_consumed_capacity(total)),
        transact_write_items(transaction.return_item_collection_metrics(size)),
    );
}
