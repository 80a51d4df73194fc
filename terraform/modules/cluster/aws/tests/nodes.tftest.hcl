mock_provider "aws" {
  override_during = plan
  source          = "./tests/mocks"
}

variables {
  name    = "shop"
  region  = "eu-central-1"
  network = { cidr = "10.10.0.0/16" }
}

run "the_always_on_pool_has_its_nodes" {
  command = plan

  variables {
    always_on = { machine_type = "m7i.xlarge", nodes = 3 }
  }

  assert {
    condition     = aws_eks_node_group.always_on.capacity_type == "ON_DEMAND" && aws_eks_node_group.always_on.instance_types == tolist(["m7i.xlarge"])
    error_message = "The pool was to be on demand, of the type asked for."
  }

  assert {
    condition     = one(aws_eks_node_group.always_on.scaling_config) == { min_size = 3, desired_size = 3, max_size = 3 }
    error_message = "The pool was to have three nodes, neither more nor fewer."
  }
}

run "the_spot_pool_begins_at_zero" {
  command = plan

  variables {
    spot = { nodes_max = 4 }
  }

  assert {
    condition     = aws_eks_node_group.spot.capacity_type == "SPOT" && length(aws_eks_node_group.spot.instance_types) >= 3
    error_message = "The pool was to be spot, with several types to choose from."
  }

  assert {
    condition     = one(aws_eks_node_group.spot.scaling_config) == { min_size = 0, desired_size = 0, max_size = 4 }
    error_message = "The pool was to go from zero to four nodes."
  }

  assert {
    condition     = aws_eks_node_group.spot.labels == tomap({ "poorwill.dev/pool" = "spot" }) && length(aws_eks_node_group.spot.taint) == 0
    error_message = "The pool was to bear its label and no taint."
  }
}

run "nodes_are_private_and_keep_their_keys" {
  command = plan

  assert {
    condition = alltrue([
      for group in [aws_eks_node_group.always_on, aws_eks_node_group.spot] :
      group.ami_type == "BOTTLEROCKET_x86_64" && group.launch_template[0].id == aws_launch_template.node.id && length(group.remote_access) == 0
    ])
    error_message = "Nodes were to be of the template, without a shell and a way in."
  }

  assert {
    condition = (
      aws_launch_template.node.metadata_options[0].http_tokens == "required"
      && aws_launch_template.node.metadata_options[0].http_put_response_hop_limit == 1
    )
    error_message = "No pod was to get the node's keys."
  }

  assert {
    condition = alltrue([
      for disk in aws_launch_template.node.block_device_mappings : tobool(disk.ebs[0].encrypted) && disk.ebs[0].kms_key_id == aws_kms_key.this.arn
    ]) && length(aws_launch_template.node.block_device_mappings) == 2
    error_message = "Both disks were to be encrypted with the key."
  }
}

run "a_node_may_look_and_pull" {
  command = plan

  assert {
    condition     = aws_iam_role_policy_attachment.node.policy_arn == "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"
    error_message = "A node was to have one policy of AWS's."
  }

  assert {
    condition = [for allowed in jsondecode(aws_iam_role_policy.node.policy).Statement : allowed.Action] == [
      "ecr:GetAuthorizationToken",
      ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    ]
    error_message = "A node was to log in and pull, and nothing else."
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.node.policy).Statement[1].Condition.StringNotEquals["aws:ResourceAccount"] == "111122223333"
    error_message = "Images of this account were to be modules/image-registry's to open."
  }

  assert {
    condition     = one(jsondecode(aws_iam_role.node.assume_role_policy).Statement).Principal == { Service = "ec2.amazonaws.com" }
    error_message = "Nodes alone were to have the role."
  }
}

run "pods_get_roles_by_pod_identity" {
  command = plan

  assert {
    condition     = toset([for addon in aws_eks_addon.before_nodes : addon.addon_name]) == toset(["eks-pod-identity-agent", "kube-proxy", "vpc-cni"])
    error_message = "The agent was to be there before the nodes."
  }

  assert {
    condition     = one(aws_eks_addon.before_nodes["vpc-cni"].pod_identity_association).service_account == "aws-node" && aws_iam_role_policy_attachment.network.policy_arn == "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
    error_message = "The network add-on was to have its role, so that no node needs its rights."
  }

  assert {
    condition     = jsondecode(aws_eks_addon.before_nodes["vpc-cni"].configuration_values) == { enableNetworkPolicy = "true" }
    error_message = "NetworkPolicies were to be enforced."
  }

  assert {
    condition = { for role in [aws_iam_role.network, aws_iam_role.node_scaler] : role.name => one(jsondecode(role.assume_role_policy).Statement).Condition.StringEquals } == {
      shop-eu-central-1-network = {
        "aws:RequestTag/eks-cluster-name"           = "shop"
        "aws:RequestTag/kubernetes-namespace"       = "kube-system"
        "aws:RequestTag/kubernetes-service-account" = "aws-node"
      }
      shop-eu-central-1-node-scaler = {
        "aws:RequestTag/eks-cluster-name"           = "shop"
        "aws:RequestTag/kubernetes-namespace"       = "kube-system"
        "aws:RequestTag/kubernetes-service-account" = "cluster-autoscaler"
      }
    }
    error_message = "Each role was to be one service account's, in this cluster."
  }
}

run "what_scales_the_pool_changes_this_clusters_groups_alone" {
  command = plan

  assert {
    condition = [
      for allowed in jsondecode(aws_iam_role_policy.node_scaler.policy).Statement : allowed
      if length([for action in flatten([allowed.Action]) : action if !can(regex(":(Describe|Get)", action))]) > 0
      ] == [{
        Sid       = "ScaleGroupsOfTheCluster"
        Effect    = "Allow"
        Action    = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
        Resource  = "arn:aws:autoscaling:eu-central-1:111122223333:autoScalingGroup:*"
        Condition = { StringEquals = { "aws:ResourceTag/k8s.io/cluster-autoscaler/shop" = "owned" } }
    }]
    error_message = "All that it changes was to be the size of this cluster's groups."
  }
}

run "the_longest_name_fits" {
  command = plan

  variables {
    name   = "a2345678901234567890"
    region = "ap-southeast-1"
  }

  override_data {
    target = data.aws_region.current
    values = { name = "ap-southeast-1" }
  }

  assert {
    condition = alltrue([
      for role in [aws_iam_role.control_plane, aws_iam_role.flows, aws_iam_role.network, aws_iam_role.node, aws_iam_role.node_scaler] : length(role.name) <= 64
    ])
    error_message = "Roles of the longest name were to fit."
  }

  # EKS appends 26 characters, and takes 63
  assert {
    condition     = length(aws_eks_node_group.always_on.node_group_name_prefix) <= 37
    error_message = "Node groups of the longest name were to fit."
  }
}
