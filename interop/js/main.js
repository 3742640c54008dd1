// js-libp2p hosts that a test commands from outside: each line on standard input is a request, each line on standard
// output an answer or a refusal. Requests are served at once; answers carry the request's number.
import './older-node.js'
import { setMaxListeners } from 'node:events'
import { createInterface } from 'node:readline'

const { JsHost } = await import('./host.js')

const DEFAULT_TIMEOUT_MILLIS = 20_000
const OPERATIONS = new Set([
  'stop', 'connect', 'disconnect', 'connections', 'identify', 'ping', 'echo', 'send', 'fetch', 'halfClose', 'reset',
  'expectReset', 'counters'
])
const hosts = []

async function start (request) {
  const host = await JsHost.start(request.start ?? {})
  hosts.push(host)
  return [{ host: hosts.length - 1, peer: host.peer, addrs: host.addrs }]
}

async function run (request) {
  if (request.op === 'start') {
    return start(request)
  }
  const host = hosts[request.host]
  if (host === undefined || !OPERATIONS.has(request.op)) {
    throw new Error(`no such host or operation: ${request.host}, ${request.op}`)
  }
  const signal = AbortSignal.timeout(request.timeoutMillis > 0 ? request.timeoutMillis : DEFAULT_TIMEOUT_MILLIS)
  setMaxListeners(0, signal) // As many as it has streams.
  return host[request.op](request, signal)
}

async function reply (request) {
  const answer = { id: request.id }
  try {
    answer.result = await run(request)
  } catch (error) {
    answer.error = String(error?.stack ?? error)
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  if (request.op === 'quit') {
    break
  }
  reply(request)
}
await Promise.all(hosts.map(host => host.stop()))
process.exit(0)
