use std::io::{self, BufRead};

fn main() {
    for line in io::stdin().lock().lines().skip(1) {
        let sum: i64 = line.unwrap().split(' ').map(|number| number.parse::<i64>().unwrap()).sum();
        println!("{sum}");
    }
}
