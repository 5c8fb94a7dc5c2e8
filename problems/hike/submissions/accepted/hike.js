const [[n], ...points] = require('fs').readFileSync(0, 'utf8').trim().split('\n').map((line) => line.split(' ').map(Number));
let length = 0;
points.forEach(([x, y], i) => {
    const [u, v] = points[(i + 1) % n];
    length += Math.hypot(x - u, y - v);
});
console.log(length);
