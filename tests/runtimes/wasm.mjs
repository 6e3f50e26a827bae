// Runs a module of this tree on the 32-bit WebAssembly build of MicroPython.
//
//   node wasm.mjs PACKAGE_DIR MODULE NAME=PATH,... [ARGUMENT ...]
//
// Each PATH, a folder or a file, is copied into the interpreter's file system as NAME, then MODULE.main([ARGUMENT ...]) runs; its result is the exit code.
// A MODULE with a generator `phases` is resumed from here until it ends; the last
// value that it yields is the exit code.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [packageDir, module, copies, ...args] = process.argv.slice(2);
const { loadMicroPython } = await import(pathToFileURL(path.join(packageDir, 'micropython.mjs')));

const mp = await loadMicroPython({
  heapsize: 16 * 1024 * 1024,
  linebuffer: true,
  stdout: (line) => process.stdout.write(line + '\n'),
  stderr: (line) => process.stdout.write(line + '\n'),
});

function makeFolder(folder) {
  let whole = '';
  for (const part of folder.split('/').filter(Boolean)) {
    whole += '/' + part;
    if (!mp.FS.analyzePath(whole).exists) mp.FS.mkdir(whole);
  }
}

function copy(from, to) {
  if (fs.statSync(from).isDirectory()) {
    makeFolder(to);
    for (const name of fs.readdirSync(from)) {
      if (name !== '__pycache__') copy(path.join(from, name), to + '/' + name);
    }
  } else {
    makeFolder(path.posix.dirname(to));
    mp.FS.writeFile(to, fs.readFileSync(from));
  }
}

for (const item of copies.split(',')) {
  const [name, from] = item.split('=');
  copy(from, '/app/' + name);
}
const literal = JSON.stringify(JSON.stringify(args));
try {
  mp.runPython(`
import json, os, sys
sys.path.insert(0, '/app')
os.chdir('/app')
import ${module}
module, arguments = sys.modules['${module}'], json.loads(${literal})
steps = module.phases(arguments) if hasattr(module, 'phases') else None
result = None if steps else module.main(arguments)
`);
  // garbage is collected only between two calls: a measurement comes in phases
  while (mp.globals.get('steps')) {
    mp.runPython(`
value = next(steps, steps)
if value is steps:
    steps, result = None, result or 0
elif value is not None:
    result = value
`);
  }
  process.exitCode = mp.globals.get('result');
} catch (error) {
  process.stdout.write(String(error.message ?? error) + '\n'); // the Python traceback
  process.exitCode = 1;
}
