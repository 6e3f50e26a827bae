// Runs a module of this tree on the 32-bit WebAssembly build of MicroPython.
//
//   node wasm.mjs PACKAGE_DIR ROOT MODULE FOLDERS [ARGUMENT ...]
//
// FOLDERS (comma separated, relative to ROOT; also single files) are copied into the
// interpreter's file system, then MODULE.main([ARGUMENT ...]) runs; its result is the exit code.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [packageDir, root, module, folders, ...args] = process.argv.slice(2);
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

for (const folder of folders.split(',')) copy(path.join(root, folder), '/app/' + folder);
const literal = JSON.stringify(JSON.stringify(args));
try {
  mp.runPython(`
import json, os, sys
sys.path.insert(0, '/app')
os.chdir('/app')
import ${module}
result = sys.modules['${module}'].main(json.loads(${literal}))
`);
  process.exitCode = mp.globals.get('result');
} catch (error) {
  process.stdout.write(String(error.message ?? error) + '\n'); // the Python traceback
  process.exitCode = 1;
}
