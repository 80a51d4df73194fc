mock_provider "aws" {
  mock_data "aws_route53_zone" {
    defaults = { zone_id = "Z0123456789" }
  }
}

variables {
  zone = "example.com"
  name = "digits.example.com"
  clusters = {
    aws = { address = "a0123456789abcdef-1234567890.eu-central-1.elb.amazonaws.com", weight = 95 }
    gcp = { address = "203.0.113.7", weight = 5 }
  }
}

run "a_whole_cluster_is_a_canary" {
  command = plan

  assert {
    condition     = { for key, record in aws_route53_record.name : key => record.weighted_routing_policy[0].weight } == { aws = 95, gcp = 5 }
    error_message = "each cluster has its weight"
  }

  assert {
    condition     = output.percents == { aws = 95, gcp = 5 }
    error_message = "percents are those of the weights"
  }
}

run "records_of_the_name_are_of_one_type" {
  command = plan

  assert {
    condition     = toset([for record in aws_route53_record.name : "${record.name} ${record.type} ${record.ttl}"]) == toset(["digits.example.com CNAME 30"])
    error_message = "Route 53 takes no A beside a CNAME of one name"
  }

  assert {
    condition     = { for key, record in aws_route53_record.name : key => one(record.records) } == { aws = "aws.digits.example.com", gcp = "gcp.digits.example.com" }
    error_message = "each leads to its cluster's own host"
  }

  assert {
    condition     = { for key, record in aws_route53_record.cluster : key => "${record.name} ${record.type} ${one(record.records)}" } == { aws = "aws.digits.example.com CNAME a0123456789abcdef-1234567890.eu-central-1.elb.amazonaws.com", gcp = "gcp.digits.example.com A 203.0.113.7" }
    error_message = "a cluster's own host is A or CNAME, by what its address is"
  }

  assert {
    condition     = alltrue([for record in aws_route53_record.cluster : record.ttl == 30])
    error_message = "a moved cluster is found soon"
  }
}

run "all_records_lie_in_the_zone_that_is_there" {
  command = apply

  assert {
    condition     = toset([for record in concat(values(aws_route53_record.name), values(aws_route53_record.cluster)) : record.zone_id]) == toset(["Z0123456789"])
    error_message = "the zone is found, not made"
  }

  assert {
    condition     = alltrue([for key, record in aws_route53_record.name : record.health_check_id == aws_route53_health_check.cluster[key].id])
    error_message = "each record goes away with its own cluster's health"
  }
}

run "clusters_know_the_name_and_their_own_host" {
  command = plan

  assert {
    condition     = output.hosts == { aws = toset(["digits.example.com", "aws.digits.example.com"]), gcp = toset(["digits.example.com", "gcp.digits.example.com"]) }
    error_message = "two hosts a cluster"
  }
}

run "percents_are_rounded_to_a_tenth" {
  command = plan

  variables {
    clusters = {
      aws   = { address = "a.example.net", weight = 1 }
      gcp   = { address = "203.0.113.7", weight = 1 }
      azure = { address = "203.0.113.8", weight = 1 }
    }
  }

  assert {
    condition     = output.percents == { aws = 33.3, azure = 33.3, gcp = 33.3 }
    error_message = "a third each"
  }
}
