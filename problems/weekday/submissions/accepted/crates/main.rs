mod days;

use std::io::{self, BufRead};

fn main() {
    for date in io::stdin().lock().lines().skip(1) {
        println!("{}", days::day_of_week(&date.unwrap()));
    }
}
