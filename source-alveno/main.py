from source_alveno.run import run

if __name__ == "__main__":
    run()
