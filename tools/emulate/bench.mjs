// Boots an image with a file system and runs one script on the board.
//   node bench.mjs IMAGE.uf2 FILES.img SCRIPT.py
import fs from 'node:fs';
import { Pico } from './pico.mjs';

const [uf2, image, script] = process.argv.slice(2);
const pico = new Pico({ uf2, fs: image });
pico.boot();
console.log('prompt_us', Math.round(pico.us));
process.stdout.write(pico.exec(fs.readFileSync(script, 'utf8')).replaceAll('\r', ''));
