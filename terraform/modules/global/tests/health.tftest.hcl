mock_provider "aws" {}

variables {
  zone = "example.com"
  name = "digits.example.com"
  tags = { team = "models" }
  clusters = {
    aws = { address = "a0123456789abcdef-1234567890.eu-central-1.elb.amazonaws.com", weight = 95 }
    gcp = { address = "203.0.113.7", weight = 5 }
  }
}

run "each_cluster_is_asked_over_tls_by_a_host_of_the_name" {
  command = plan

  assert {
    condition     = alltrue([for check in aws_route53_health_check.cluster : check.type == "HTTPS" && check.port == 443 && check.enable_sni && check.resource_path == "/v2/health/ready"])
    error_message = "HTTPS with SNI"
  }

  assert {
    condition     = aws_route53_health_check.cluster["gcp"].ip_address == "203.0.113.7" && aws_route53_health_check.cluster["gcp"].fqdn == "digits.example.com"
    error_message = "an address is asked for the name itself"
  }

  assert {
    condition     = aws_route53_health_check.cluster["aws"].ip_address == null && aws_route53_health_check.cluster["aws"].fqdn == "aws.digits.example.com"
    error_message = "a DNS name is asked for a host that leads to that cluster and to no other"
  }

  assert {
    condition     = alltrue([for check in aws_route53_health_check.cluster : check.request_interval == 30 && check.failure_threshold == 3])
    error_message = "ill after 90 seconds"
  }

  assert {
    condition     = aws_route53_health_check.cluster["gcp"].tags == tomap({ Name = "gcp.digits.example.com", poorwill = "digits.example.com", team = "models" })
    error_message = "tags say whose check it is"
  }
}

run "the_gateway_is_asked_for_its_redirect_and_wakes_no_pod" {
  command = plan

  variables {
    health = { asks = "gateway", interval_seconds = 10, failures = 1 }
  }

  assert {
    condition     = alltrue([for check in aws_route53_health_check.cluster : check.type == "HTTP" && check.port == 80 && !check.enable_sni && check.request_interval == 10 && check.failure_threshold == 1])
    error_message = "Envoy answers 301 on port 80"
  }
}
