#pragma once

#include <string>

/* Of a date "YYYY-MM-DD". */
std::string day_of_week(const std::string &date);
