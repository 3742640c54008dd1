module spegel/bench

go 1.25
