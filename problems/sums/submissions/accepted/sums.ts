import { readFileSync } from 'fs';

const lines: string[] = readFileSync(0, 'utf8').trim().split('\n').slice(1);
const sums: bigint[] = lines.map((line) => line.split(' ').map(BigInt).reduce((a, b) => a + b));
console.log(sums.join('\n'));
