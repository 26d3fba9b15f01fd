// A function for Node with the AWS SDK, for benches/cold_start.rs: it updates one item for each event. It speaks Lambda's
// runtime API itself, as Lambda's own runtime does.
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const client = new DynamoDBClient({});

for (;;) {
  const next = await fetch(`${api}/next`);
  await next.json();
  await client.send(
    new UpdateItemCommand({
      TableName: process.env.LEADHOUSE_ACCESS_TABLE,
      Key: { pk: { S: "k#0" } },
      UpdateExpression: "ADD m :one",
      ExpressionAttributeValues: { ":one": { N: "1" } },
    }),
  );
  const id = next.headers.get("lambda-runtime-aws-request-id");
  await fetch(`${api}/${id}/response`, { method: "POST", body: JSON.stringify({ statusCode: 200 }) });
}
