export { startDynaliteWithTransactions } from './dynalite-transactions.ts'
export { startDynalite, startDynamoDBLocal, type DynamoDBServer } from './dynamodb-server.ts'
export { redisServer, startRedis } from './redis-server.ts'
export { freePort, onPath, startServer, type ServerProcess } from './server-process.ts'
