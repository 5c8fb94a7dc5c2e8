use std::io;

fn line() -> Vec<u8> {
    let mut line = String::new();
    io::stdin().read_line(&mut line).unwrap();
    line.trim().bytes().collect()
}

fn main() {
    let (a, b) = (line(), line());
    let mut row = vec![0u16; b.len() + 1];
    for x in a {
        let mut corner = 0;
        for j in 0..b.len() {
            let above = row[j + 1];
            row[j + 1] = if x == b[j] { corner + 1 } else { above.max(row[j]) };
            corner = above;
        }
    }
    println!("{}", row[b.len()]);
}
