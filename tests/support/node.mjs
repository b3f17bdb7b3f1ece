// Runs a module of the pages in Node: each line that comes is [module, export, ...arguments], the answer is a line.
import { createInterface } from "node:readline";

for await (const line of createInterface({ input: process.stdin })) {
  const [module, name, ...given] = JSON.parse(line);
  try {
    console.log(JSON.stringify({ ok: await (await import(module))[name](...given) }));
  } catch (error) {
    console.log(JSON.stringify({ failed: error.name }));
  }
}
