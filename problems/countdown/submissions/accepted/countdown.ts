import { readFileSync } from 'fs';

const first = Number(readFileSync(0, 'utf8'));
const numbers: number[] = Array.from({ length: first + 1 }, (_, i) => first - i);
console.log(numbers.join('\n'));
