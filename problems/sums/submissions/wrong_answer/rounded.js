// A number of this language is a floating point number.
const [, ...lines] = require('fs').readFileSync(0, 'utf8').trim().split('\n');
for (const line of lines) {
    const [a, b] = line.split(' ').map(Number);
    console.log(BigInt(a + b).toString());
}
