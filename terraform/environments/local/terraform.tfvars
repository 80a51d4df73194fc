kubeconfig = "../../../.poorwill/kubeconfig"

models = {
  digits = {
    registered_file = "digits.json"
    traffic         = [{ version = 1, percent = 90 }, { version = 2, percent = 10 }]
  }
}
